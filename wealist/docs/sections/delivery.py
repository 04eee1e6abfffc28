"""Section 7: image repositories, buckets, CodeDeploy, and the steps of a deployment."""

from collections.abc import Iterator, Sequence

from wealist.docs.markdown import NONE, cells, code, codes, table, text
from wealist.docs.sections.traffic import bucket_facts
from wealist.docs.view import View, name_of
from wealist.model.stack import Resource
from wealist.spec.services import Service

_EVENTS = (
    ("BlockTraffic", NONE),
    ("ApplicationStop", "scripts/application_stop.sh"),
    ("DownloadBundle", NONE),
    ("BeforeInstall", "scripts/before_install.sh"),
    ("Install", NONE),
    ("AfterInstall", "scripts/after_install.sh"),
    ("ApplicationStart", "scripts/application_start.sh"),
    ("ValidateService", "scripts/validate_service.sh"),
    ("AllowTraffic", NONE),
)
"""Lifecycle events of a deployment on an instance, in order, and the scripts of the bundle that they run.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def delivery(view: View) -> Iterator[str]:
    """Yield section 7."""
    yield view.picture("delivery")
    yield view.say("delivery.intro", branch=code(view.environment.deploy_branch or NONE))
    yield f"### {view.say('delivery.repositories')}"
    yield table(
        view.say.columns("repository", "tags", "scan"),
        [_repository(view, each) for each in view.all("aws_ecr_repository")],
    )
    yield f"### {view.say('delivery.buckets')}"
    yield table(view.say.columns("bucket", "versioning", "encryption", "public_access"), _buckets(view))
    yield f"### {view.say('delivery.groups')}"
    headings = view.say.columns("application", "group", "strategy", "target", "rollback")
    yield table(headings, [_group(view, each) for each in view.all("aws_codedeploy_deployment_group")])
    yield f"### {view.say('delivery.sequence')}"
    yield view.say("delivery.sequence_intro")
    yield table(view.say.columns("step", "event", "script", "does", "seconds"), _sequence(view))
    yield f"### {view.say('delivery.one_at_a_time')}"
    yield table(view.say.columns("time", "instance1", "instance2", "traffic"), _times(view))


def _repository(view: View, repository: Resource) -> tuple[str, ...]:
    scan = view.yes(repository.block("image_scanning_configuration").get("scan_on_push"))
    return code(name_of(repository)), code(repository.get("image_tag_mutability")), scan


def _buckets(view: View) -> Iterator[tuple[str, ...]]:
    for bucket in view.all("aws_s3_bucket"):
        facts = dict(bucket_facts(view, bucket))
        yield tuple(facts.get(each, NONE) for each in ("bucket", "versioning", "encryption", "public_access"))


def _group(view: View, group: Resource) -> tuple[str, ...]:
    style, rollback = group.block("deployment_style"), group.block("auto_rollback_configuration")
    targets = [view.named(each) for each in group.at("load_balancer_info.target_group_info.name")]
    style_words = (
        f"{group.get('deployment_config_name')}, {style.get('deployment_type')}, {style.get('deployment_option')}"
    )
    events = codes(rollback.get("events") or []) if rollback.get("enabled") else view.say("word.no")
    return (
        view.named(group.get("app_name")),
        code(name_of(group)),
        code(style_words),
        ", ".join(targets) or NONE,
        events,
    )


def _sequence(view: View) -> Iterator[tuple[str, ...]]:
    services = view.environment.services
    drains = {str(each.get("deregistration_delay")) for each in view.all("aws_lb_target_group")}
    values = {
        "drain": text(", ".join(sorted(drains))),
        "health": cells(f"http://localhost:{each.port}{each.health_path}" for each in services),
        "start": text(", ".join(sorted({str(each.start_seconds) for each in services}))),
    }
    for number, (event, script) in enumerate(_EVENTS, start=1):
        description = view.say(f"event.{event}", **values)
        yield str(number), code(event), code(script), description, _timeout(event, services)


def _timeout(event: str, services: Sequence[Service]) -> str:
    """Return the timeout of an event's script: one number if it is the same for all services."""
    timeouts = {text(each.full_name): each.hook_seconds.get(event) for each in services}
    different = set(timeouts.values())
    if len(different) == 1 and None not in different:
        return text(*different)
    return "<br>".join(f"{name}: {seconds}" for name, seconds in timeouts.items() if seconds is not None) or NONE


def _times(view: View) -> Iterator[tuple[str, ...]]:
    say = view.say
    old, new, busy = (
        say("delivery.healthy", version="v1"),
        say("delivery.healthy", version="v2"),
        say("delivery.busy", version="v2"),
    )
    yield "T0", old, old, "1, 2"
    yield "T1", busy, old, "2"
    yield "T2", new, busy, "1"
    yield "T3", new, new, "1, 2"
