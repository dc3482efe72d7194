"""The texts of the fixes for a step that will fail: title, portal steps, exact command, what it changes."""

from auditor.audit.findings import Fix, Reversal
from auditor.audit.preflight.commands import (
    APPLICATION_DEVELOPER,
    DIRECTORY_READERS,
    give_directory_role,
    give_role,
    join,
    provider_state,
    register_providers,
    reset_policy,
    set_policy,
    take_role,
)
from auditor.facts.preflight.activations import Activation
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.policy_offers import PolicyOffer
from auditor.facts.preflight.role_offers import RoleOffer
from auditor.facts.rights.steps import DISCOVER
from auditor.facts.subject import listed

NOTHING = "Nothing in Azure."
_REGISTERING = ("registers the appliance", "the appliance is registered")
_WHAT_A_POLICY_GIVES = (
    "The account may read and change what the policy names in this vault. `all` covers every permission of its kind; "
    "whether that includes purge is not documented."
)


def activation(offer: Activation, who: str, command: str | None) -> Fix:
    """Return the fix of activating an eligible role or group membership."""
    blade = "Groups" if offer.group else "Microsoft Entra roles" if offer.directory else "Azure resources"
    what = "the membership of" if offer.group else "the directory role" if offer.directory else "the role"
    where = f" at `{offer.scope}`" if offer.scope not in {"", "/"} else ""
    also = f", together with {listed(offer.together)}" if offer.together else ""
    rest = (
        f" It closes {offer.closes} of the {offer.lacking} missing rights{also}; the others have cures of their own."
        if offer.closes < offer.lacking
        else ""
    )
    return Fix(
        f"Activate {what} `{offer.role}`{also}, for which the account is eligible",
        (
            f"Sign in to the Azure portal as `{who}` and open Privileged Identity Management > My roles > {blade}.",
            f"Activate `{offer.role}`{where}, and finish the step within the time it is active.",
        ),
        command,
        f"Nothing lasting: a role that the account is already eligible for is active for some hours.{rest}",
        safe=True,
    )


def by_other(title: str, names: list[str]) -> Fix:
    """Return the fix of signing in as somebody who can do the step today."""
    steps = (f"{title}: sign in as {' or '.join(f'`{name}`' for name in names)}.",)
    return Fix("Use an account that can do this today", steps, None, NOTHING, safe=True)


def by_owner(names: list[str], application: str) -> Fix:
    """Return the fix of signing in as the owner of the application."""
    steps = (
        f"Sign out in the appliance configuration manager, and sign in as {listed(names)}, owner of `{application}`.",
    )
    return Fix(f"Use the account that owns the application: {listed(names)}", steps, None, NOTHING, safe=True)


def accept(address: str) -> Fix:
    """Return the fix of accepting a guest's invitation, which went to `address` (in words)."""
    steps = (
        f"Find the invitation in the mail of {address}, open its link and accept.",
        "Sign out of the Azure portal and sign in again. Reloading the page is not enough.",
    )
    return Fix("Accept the invitation", steps, None, "Only the guest's own state.", safe=True)


def premade() -> Fix:
    """Return the fix of using an application that was made in advance."""
    steps = (
        "Have an application created in advance, give it a role on the resource group, and register with it.",
        "Check it first with `--mode app` and the application as `--account`.",
    )
    return Fix("Register with an application created in advance", steps, None, "Nothing for this account.", safe=True)


def other_project(plan: RegistrationPlan, *, searched: bool) -> Fix:
    """Return the fix of finding the project, or of creating it."""
    group = plan.project.resource_group
    where = f"the resource group `{group}` and the name `{plan.project.name}`" if group else f"`{plan.project.name}`"
    if searched:
        last = "If it is yet to be created, run the preflight again with `--create`."
    else:
        last = f"If there is none, choose Create project, {where}; the step `create-project` checks if that will work."
    steps = (
        "In the portal search for Azure Migrate, go to All projects, and see in which resource group the project is.",
        last,
    )
    changes = "At most a new, empty project."
    return Fix("Use the project that exists, or create it first", steps, None, changes, safe=True)


def other_subscription(subscription: str, project: str) -> Fix:
    """Return the fix of looking for the project in a subscription that was not read."""
    name = subscription.rpartition("/")[2]
    return Fix(
        f"Look in the subscription `{name}` too",
        ("Read the subscription that can be seen and was not read, and look for the project there.",),
        join("migaudit", "preflight", "--subscription", name, "--project", project),
        NOTHING,
        safe=True,
    )


def other_name(name: str) -> Fix:
    """Return the fix of a project's name that Azure refuses."""
    steps = ("Choose a name of 3 to 24 letters, digits or hyphens, and run the preflight again with it.",)
    return Fix(f"Choose another name than `{name}` for the project", steps, None, NOTHING, safe=True)


def group(plan: RegistrationPlan) -> Fix:
    """Return the fix of having the resource group created."""
    subscription = plan.project.subscription or ""
    steps = (
        (
            f"Open the subscription `{subscription}` as someone who may create resource groups, "
            "and choose Resource groups."
        ),
        f"Create `{plan.project.resource_group}`; then run the preflight again: a role on the group may be enough.",
    )
    title = "Have the resource group created by someone who is allowed to"
    return Fix(title, steps, None, "A new, empty resource group. It grants nothing to anybody.", safe=True)


def register(namespaces: list[str], subscription: str) -> Fix:
    """Return the fix of having resource providers registered."""
    one = len(namespaces) == 1
    what = f"resource provider `{namespaces[0]}`" if one else f"{len(namespaces)} resource providers"
    return Fix(
        f"Have the {what} registered by someone who is allowed to",
        (
            f"Open the subscription `{subscription}` as its Contributor or Owner, and go to Resource providers.",
            f"Choose {listed(namespaces)}, then Register.",
        ),
        register_providers(namespaces, subscription.rpartition("/")[2]),
        f"Resources of {'this provider' if one else 'these providers'} can be created in the subscription. "
        "It grants nothing to anybody.",
        safe=True,
        undo=Reversal("Nothing has to be undone; a provider that is in use cannot be unregistered."),
    )


def registering(namespace: str, subscription: str) -> Fix:
    """Return the fix of waiting for a registration that is under way."""
    return Fix(
        f"Wait until the resource provider `{namespace}` is registered",
        (
            f"Open the subscription `{subscription}`, and go to Resource providers.",
            f"Wait until the status of `{namespace}` is Registered, then do the step.",
        ),
        provider_state(namespace, subscription.rpartition("/")[2]),
        NOTHING,
        safe=True,
    )


def after_deletion(identity: str) -> Fix:
    """Return the fix of waiting for the end of the deletion of a project, a resource group or a key vault."""
    name = identity.rpartition("/")[2]
    if "/vaults/" in identity.lower():
        steps = (f"Wait until Key vaults in the portal no longer shows `{name}`, and run the preflight again.",)
        return Fix(f"Wait until the key vault `{name}` is gone, then recover it", steps, None, NOTHING, safe=True)
    return Fix(
        f"Wait until `{name}` is gone, then make it again",
        (
            f"Find out who deletes `{identity}`, and if it was meant: Azure does not stop a deletion that has begun.",
            "Wait until the portal no longer shows it, then create it again, or use a project in another group.",
        ),
        None,
        "A new, empty one; nothing that the deleted one contained comes back with it.",
        safe=True,
    )


def lift_denial(identity: str, who: str) -> Fix:
    """Return the fix of having a deny assignment changed."""
    return Fix(
        "Have the deny assignment changed by its creator",
        (
            f"Open its scope, go to Access control (IAM) > Deny assignments, and find `{identity}`.",
            "No role overrides it.",
            f"If it belongs to a deployment stack or a managed application, have `{who}` excluded there.",
        ),
        None,
        "The account is no longer kept from what the deny assignment protects.",
        safe=False,
        undo=Reversal("Take the account off the excluded ones again."),
    )


def unlock(identity: str) -> Fix:
    """Return the fix of removing a lock temporarily."""
    return Fix(
        "Remove the lock during this step, and put it back afterwards",
        (f"Open the scope of `{identity}`, go to Locks, and delete the lock; create it again afterwards.",),
        join("az", "lock", "delete", "--ids", identity),
        "Until it is put back, everything below the lock can be changed and deleted by those with the rights.",
        safe=False,
        undo=Reversal("Create the lock again, with the level and the notes that it has today."),
    )


def exclude_application(policy: str, who: str) -> Fix:
    """Return the fix of excluding an application from a Conditional Access policy for workload identities."""
    return Fix(
        "Exclude the application from the Conditional Access policy",
        (
            f"In the Microsoft Entra admin center go to Conditional Access, and open the policy `{policy}`.",
            f"Under Users or workload identities, Exclude, add `{who}`, and save.",
        ),
        None,
        "The policy no longer protects this application.",
        safe=False,
        undo=Reversal("Take the application off the excluded ones again."),
    )


def exclude(policy: str, who: str, step: str) -> Fix:
    """Return the fix of excluding the account from a Conditional Access policy during a step."""
    starts = step == DISCOVER
    doing, done = ("starts discovery", "discovery has started") if starts else _REGISTERING
    return Fix(
        f"Exclude the account from the Conditional Access policy while it {doing}",
        (
            f"In the Microsoft Entra admin center go to Conditional Access, and open the policy `{policy}`.",
            f"Under Users, Exclude, add `{who}`, and save. Remove it once {done}.",
        ),
        None,
        "Until the exclusion is removed, the policy does not protect this account.",
        safe=False,
        undo=Reversal("Take the account off the excluded ones again."),
    )


def reactivate(identity: str) -> Fix:
    """Return the fix of having a subscription enabled again."""
    return Fix(
        "Have the subscription enabled again by its owner or billing administrator",
        (
            f"In the portal go to Subscriptions, open `{identity.rpartition('/')[2]}`, and read why it is not enabled.",
            "Choose Reactivate, or pay what is due.",
        ),
        None,
        "The subscription works and is billed again.",
        safe=True,
    )


def policy(offer: PolicyOffer, who: str, account: str) -> Fix:
    """Return the fix of adding an access policy to a key vault."""
    told = "; ".join(f"{category}: {', '.join(names)}" for category, names in offer.permissions.items())
    return Fix(
        f"Add an access policy for the account to the key vault `{offer.name}`",
        (
            f"Open the key vault `{offer.vault}`, go to Access policies and choose Create.",
            f"Choose {told}; then `{who}`, and create the policy.",
        ),
        set_policy(offer, account),
        _WHAT_A_POLICY_GIVES,
        safe=True,
        undo=Reversal("Set the access policy back to what it is today.", reset_policy(offer, account)),
    )


def role(offer: RoleOffer, who: str, account: str, principal_type: str) -> Fix:
    """Return the fix of assigning the smallest sufficient role, limited by a condition where it may assign any role."""
    title = f"Give the account the role `{offer.role}`"
    chosen = f"Choose `{offer.role}`, then `{who}` as member, and assign it."
    kind = "role that Microsoft documents for this step and" if offer.documented else "built-in role"
    note = ""
    if offer.only_roles:
        title += ", limited by a condition"
        chosen = (
            f"Choose `{offer.role}`, then `{who}` as member; under Conditions allow only the roles that the command "
            "names, for service principals only; and assign it."
        )
        note = " The condition lets it assign only the roles that the step needs."
    elif offer.any_role:
        title += ", as the last resort"
        note = " It may give any role to anybody, itself included."
    return Fix(
        title,
        (f"Open `{offer.scope}`, go to Access control (IAM), and choose Add role assignment.", chosen),
        give_role(offer, account, principal_type),
        f"The smallest {kind} that gives the {len(offer.rights)} missing rights there: it grants "
        f"{offer.operations} of the operations that the known roles name; {offer.writes} of them change something."
        f"{note}",
        safe=not offer.any_role,
        undo=Reversal("Remove the role assignment.", take_role(offer, account)),
    )


def developer(who: str, account: str, cloud: str) -> Fix:
    """Return the fix of letting the account register applications."""
    return Fix(
        "Give the account the directory role `Application Developer`",
        (
            "In the Microsoft Entra admin center go to Roles & admins, and open Application Developer.",
            f"Choose Add assignments, then `{who}`, and assign it.",
        ),
        give_directory_role(APPLICATION_DEVELOPER, account, cloud),
        "The account may register its own applications. It gets no rights over those of others.",
        safe=True,
        undo=Reversal("Remove the assignment in Roles & admins > Application Developer."),
    )


def directory_reader(who: str, account: str, cloud: str) -> Fix:
    """Return the fix of letting a guest read service principals."""
    return Fix(
        "Give the guest the directory role `Directory Readers`, or use a member of the tenant",
        (
            "In the Microsoft Entra admin center go to Roles & admins, and open Directory Readers.",
            f"Choose Add assignments, then `{who}`, and assign it.",
        ),
        give_directory_role(DIRECTORY_READERS, account, cloud),
        "The guest may read the users, groups and applications of the directory. It may change nothing there.",
        safe=True,
        undo=Reversal("Remove the assignment in Roles & admins > Directory Readers."),
    )


def own(app_id: str, name: str, who: str, account: str) -> Fix:
    """Return the fix of making the account an owner of an application."""
    return Fix(
        f"Make the account an owner of the application `{name}`",
        (
            f"In the Microsoft Entra admin center go to App registrations > All applications, and open `{app_id}`.",
            f"Go to Owners, choose Add owners, and add `{who}`.",
        ),
        join("az", "ad", "app", "owner", "add", "--id", app_id, "--owner-object-id", account),
        "The account may change the application and its credentials, and through them do whatever the application may.",
        safe=True,
        undo=Reversal(
            "Remove the account from the owners of the application.",
            join("az", "ad", "app", "owner", "remove", "--id", app_id, "--owner-object-id", account),
        ),
    )


def own_later(who: str) -> Fix:
    """Return the fix of sharing an application that does not exist yet."""
    return Fix(
        "Start discovery with the account that registers, or share the application once it exists",
        (
            "Sign in at the appliance with the account that registers it, and start discovery as that account.",
            f"Or, after registering, add `{who}` to the owners of the application that was created.",
        ),
        None,
        "Nothing in Azure; as a second owner, the account may act as the application.",
        safe=True,
    )


def enable(who: str, account: str, principal_type: str) -> Fix:
    """Return the fix of enabling the account."""
    kind = "user" if principal_type == "User" else "sp"
    flag = "--account-enabled" if kind == "user" else "--set"
    value = "true" if kind == "user" else "accountEnabled=true"
    return Fix(
        "Have the account enabled, unless it was disabled for good reason",
        (f"In the Microsoft Entra admin center open `{who}`, and switch on Account enabled.",),
        join("az", "ad", kind, "update", "--id", account, flag, value),
        "The account may sign in again, with everything it was ever given.",
        safe=False,
        undo=Reversal(
            "Disable the account again.",
            join("az", "ad", kind, "update", "--id", account, flag, value.replace("true", "false")),
        ),
    )


def enable_application(app_id: str, principal: str) -> Fix:
    """Return the fix of enabling the service principal of an appliance's application."""
    return Fix(
        "Have the appliance's application enabled, unless it was disabled for good reason",
        (
            f"In the Microsoft Entra admin center go to Enterprise applications, and open that of the id `{app_id}`.",
            "Go to Properties, set Enabled for users to sign in to Yes, and save.",
        ),
        join("az", "ad", "sp", "update", "--id", principal, "--set", "accountEnabled=true"),
        "The application can sign in again, with every right that it has.",
        safe=False,
        undo=Reversal(
            "Disable the application again.",
            join("az", "ad", "sp", "update", "--id", principal, "--set", "accountEnabled=false"),
        ),
    )


def create_principal(app_id: str) -> Fix:
    """Return the fix of giving an appliance's application a service principal again."""
    return Fix(
        "Restore the service principal of the appliance's application, or create a new one",
        (
            "If it was deleted in the last 30 days, restore it in Graph: `POST /directory/deletedItems/ID/restore`.",
            "It then keeps its object id and its rights.",
            "Otherwise create a new one; it gets a new object id, and no right that the old one had.",
            "Give the new object id the access to the appliance's key vault that the old one had.",
        ),
        join("az", "ad", "sp", "create", "--id", app_id),
        "The application can sign in again. It has no right in Azure or in a key vault until it is given one.",
        safe=True,
        undo=Reversal("Delete the service principal.", join("az", "ad", "sp", "delete", "--id", app_id)),
    )


def restore_application(app_id: str) -> Fix:
    """Return the fix of bringing back an appliance's application that was deleted lately."""
    return Fix(
        "Restore the deleted application",
        (
            "In the Microsoft Entra admin center go to App registrations > Deleted applications.",
            f"Find `{app_id}` and choose Restore app registration. Its owners come back with it.",
        ),
        "",
        "Brings the application back as it was, with its owners, credentials and the rights of its service principal.",
        safe=True,
    )


def register_again(app_id: str) -> Fix:
    """Return the fix of registering an appliance whose application is gone for good."""
    return Fix(
        "Register the appliance again",
        (
            f"At the appliance that signed in as `{app_id}`, run the installer script again.",
            "Register it there with the project's key, as an account that may create applications.",
        ),
        "",
        "Creates a new application for the appliance.",
        safe=True,
    )
