# Soft-deletes $count Log Analytics workspace(s) of the cleanup plan made on $made.
# Each step first checks whether the workspace is still the one that was judged. Checks of other uses are not repeated
# here: `migaudit cleanup apply` does that. For $days days the command beside a step brings its workspace back.
# Stops at the first error. Running it again skips workspaces that are already deleted.
$$ErrorActionPreference = 'Stop'

$$tenant = $tenant

function Invoke-Az {
    $$answer = & az @args
    if ($$LASTEXITCODE -ne 0) { throw "az $$($$args -join ' ') ended with $$LASTEXITCODE" }
    "$$answer"
}

function Remove-LeftBehind($$subscription, $$group, $$workspace, $$customer, $$was) {
    $$found = Invoke-Az account show --subscription $$subscription --query tenantId --output tsv
    if ($$found -ne $$tenant) { throw "subscription $$subscription belongs to another tenant than the plan's" }
    $$found = Invoke-Az monitor log-analytics workspace list-deleted-workspaces --subscription $$subscription `
        --resource-group $$group --query "[?customerId=='$$customer'].name" --output tsv
    if ($$found) {
        Write-Output "$${workspace}: deleted already"
        return
    }
    $$look = "join(' ', [to_string(customerId), to_string(createdDate), to_string(sku.name), to_string(retentionInDays)])"
    $$found = Invoke-Az monitor log-analytics workspace show --subscription $$subscription --resource-group $$group `
        --workspace-name $$workspace --query $$look --output tsv
    if ($$found -cne $$was) { throw "$$workspace is not what it was when the plan was made: it was '$$was', is now '$$found'" }
    Invoke-Az monitor log-analytics workspace delete --subscription $$subscription --resource-group $$group `
        --workspace-name $$workspace --yes --output none | Out-Null
    Write-Output "$${workspace}: deleted"
}

$steps
