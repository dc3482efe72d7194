#!/usr/bin/env bash
# Soft-deletes $count Log Analytics workspace(s) of the cleanup plan made on $made.
# Each step first checks whether the workspace is still the one that was judged. Checks of other uses are not repeated
# here: `migaudit cleanup apply` does that. For $days days the command beside a step brings its workspace back.
# Stops at the first error. Running it again skips workspaces that are already deleted.
set -euo pipefail

tenant=$tenant

stop() {
  echo "stopped: $$1" >&2
  exit 1
}

remove() { # subscription, resource group, workspace, customerId, what it looked like
  local where=(--subscription "$$1" --resource-group "$$2") found
  found=$$(az account show --subscription "$$1" --query tenantId --output tsv)
  [ "$$found" = "$$tenant" ] || stop "subscription $$1 belongs to another tenant than the plan's"
  found=$$(az monitor log-analytics workspace list-deleted-workspaces "$${where[@]}" \
    --query "[?customerId=='$$4'].name" --output tsv)
  if [ -n "$$found" ]; then
    echo "$$3: deleted already"
    return
  fi
  found=$$(az monitor log-analytics workspace show "$${where[@]}" --workspace-name "$$3" --output tsv \
    --query "join(' ', [to_string(customerId), to_string(createdDate), to_string(sku.name), to_string(retentionInDays)])")
  [ "$$found" = "$$5" ] || stop "$$3 is not what it was when the plan was made: it was '$$5', is now '$$found'"
  az monitor log-analytics workspace delete "$${where[@]}" --workspace-name "$$3" --yes --output none
  echo "$$3: deleted"
}

$steps
