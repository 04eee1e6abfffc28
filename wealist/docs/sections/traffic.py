"""Section 3, the site on CloudFront, and section 4, the load balancer and its instances."""

from collections.abc import Iterator

from wealist.docs.markdown import NONE, cells, code, codes, numbered, table, text
from wealist.docs.sections.network import forwarded, path_patterns
from wealist.docs.view import View, name_of
from wealist.model.stack import Resource
from wealist.operations.bundle.write import LATEST
from wealist.spec import parameters
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION
from wealist.spec.naming import ECR_REGISTRY
from wealist.spec.services import Service

_CACHING = {"658327ea-f89d-4fab-a63d-7e88639e58f6": "Managed-CachingOptimized"}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
_FRAMEWORKS = {"user": "Spring Boot", "board": "Go"}
"""The frameworks of the services, from the architecture document. Stacks do not contain them."""


def frontend(view: View) -> Iterator[str]:
    """Yield section 3: CloudFront, its error responses, and the flow of a request."""
    yield view.picture("frontend")
    for distribution in view.all("aws_cloudfront_distribution"):
        yield view.facts(_distribution(view, distribution))
        yield f"### {view.say('frontend.errors')}"
        yield view.say("frontend.spa")
        yield table(view.say.columns("error", "page", "answer"), _error_responses(distribution))
    yield f"### {view.say('frontend.request')}"
    site = code(view.environment.site.domain)
    yield numbered(view.say(f"frontend.step{number}", site=site) for number in range(1, 6))


def _error_responses(distribution: Resource) -> Iterator[tuple[str, ...]]:
    for each in distribution.blocks("custom_error_response"):
        error = code(f"HTTP {each.get('error_code')}")
        yield error, code(each.get("response_page_path")), code(each.get("response_code"))


def _distribution(view: View, distribution: Resource) -> Iterator[tuple[str, str]]:
    certificate, behaviour = distribution.block("viewer_certificate"), distribution.block("default_cache_behavior")
    policy = str(behaviour.get("cache_policy_id"))
    yield "distribution", code(name_of(distribution))
    yield "domain", codes(distribution.get("aliases") or [])
    yield "records", _records(view, distribution)
    yield "certificate", f"ACM ({CDN_CERTIFICATE_REGION})"
    yield "tls", code(certificate.get("minimum_protocol_version"))
    yield "https", code(behaviour.get("viewer_protocol_policy"))
    yield "caching", code(_CACHING.get(policy, policy))
    for origin in distribution.blocks("origin"):
        control = view.target(origin.get("origin_access_control_id"))
        yield "origin", f"{code(origin.get('domain_name'))} ({REGION})"
        if control:
            signing = f"{control.get('signing_protocol')} {control.get('signing_behavior')}"
            yield "oac", f"{code(name_of(control))}: {code(signing)}, {view.say('frontend.only_cloudfront')}"
        for bucket in view.all("aws_s3_bucket"):
            if str(origin.get("domain_name")).startswith(f"{bucket.get('bucket')}.s3"):
                yield from bucket_facts(view, bucket)


def _records(view: View, target: Resource) -> str:
    return "<br>".join(
        f"{code(each.get('name'))} {text(each.get('type'))} (alias)"
        for each in view.all("aws_route53_record")
        if target.address in str(each.block("alias").get("name"))
    )


def bucket_facts(view: View, bucket: Resource) -> Iterator[tuple[str, str]]:
    """Yield the facts about a bucket, from the bucket and the resources that configure it."""
    yield "bucket", code(name_of(bucket))
    for each in view.stack.resources.values():
        if view.target(each.get("bucket")) != bucket:
            continue
        if each.type == "aws_s3_bucket_versioning":
            yield "versioning", code(each.block("versioning_configuration").get("status"))
        elif each.type == "aws_s3_bucket_server_side_encryption_configuration":
            yield "encryption", codes(each.at("rule.apply_server_side_encryption_by_default.sse_algorithm"))
        elif each.type == "aws_s3_bucket_public_access_block":
            yield "public_access", view.say("word.blocked" if each.get("restrict_public_buckets") else "word.open")


def backend(view: View) -> Iterator[str]:
    """Yield section 4: load balancer, routes, Auto Scaling groups and instances."""
    yield view.picture("backend")
    for balancer in view.all("aws_lb"):
        records = _records(view, balancer)
        yield view.facts([("balancer", code(name_of(balancer))), ("records", records), *_listeners(view)])
    yield f"### {view.say('backend.routes')}"
    headings = view.say.columns("priority", "path", "target", "port", "health", "alive")
    yield table(headings, _routes(view))
    yield f"### {view.say('backend.groups')}"
    yield table(view.say.columns("group", "sizes", "type", "zones", "image", "disk"), _groups(view))
    yield f"### {view.say('backend.inside')}"
    yield from _inside(view)


def _listeners(view: View) -> Iterator[tuple[str, str]]:
    for each in view.all("aws_lb_listener"):
        action = each.block("default_action")
        does = view.say("backend.redirect") if action.get("type") == "redirect" else view.say("backend.otherwise")
        tls = f" {code(each.get('ssl_policy'))}" if each.get("ssl_policy") else ""
        ports = f"{each.get('protocol')}:{each.get('port')}"
        yield "listener", f"{code(ports)}{tls} - {does}"


def _routes(view: View) -> Iterator[tuple[str, ...]]:
    targets = {rule.address: target for rule, target in forwarded(view)}
    for rule in sorted(view.all("aws_lb_listener_rule"), key=lambda each: int(each.get("priority") or 0)):
        paths, priority = cells(path_patterns(rule)), text(rule.get("priority"))
        target = targets.get(rule.address)
        if target is None:
            yield priority, paths, view.say("backend.closed"), NONE, NONE, NONE
            continue
        check = target.block("health_check")
        asked = view.say(
            "backend.asked",
            interval=text(check.get("interval")),
            healthy=text(check.get("healthy_threshold")),
            unhealthy=text(check.get("unhealthy_threshold")),
        )
        yield priority, paths, code(name_of(target)), code(target.get("port")), code(check.get("path")), asked


def _groups(view: View) -> Iterator[tuple[str, ...]]:
    for group in view.all("aws_autoscaling_group"):
        template = view.target(group.block("launch_template").get("id"))
        subnets = [view.target(each) for each in group.get("vpc_zone_identifier") or []]
        zones = codes(each.get("availability_zone") for each in subnets if each)
        sizes = f"{group.get('min_size')}-{group.get('max_size')} ({group.get('desired_capacity')})"
        if template:
            disk = "<br>".join(f"{text(size)} GiB" for size in template.at("block_device_mappings.ebs.volume_size"))
            image = code(str(template.get("image_id")).rpartition("/")[2])
            yield code(name_of(group)), text(sizes), code(template.get("instance_type")), zones, image, disk


def _inside(view: View) -> Iterator[str]:
    environment, say = view.environment, view.say
    yield view.picture("instances")
    yield say("backend.system", system=say(f"system.{environment.operating_system}"))
    yield f"#### {say('backend.user_data')}"
    ports = ", ".join(f"{code(each.port)} ({text(each.full_name)})" for each in environment.services)
    yield numbered(say(f"backend.boot{number}", ports=ports) for number in range(1, 5))
    yield f"#### {say('backend.containers')}"
    headings = view.say.columns("service", "image", "port", "framework", "health", "metrics", "database")
    yield table(headings, [_container(view, each) for each in environment.services])
    if any(each.name == "board" for each in environment.services):
        yield say("backend.websocket", path=code("/api/boards/api/ws/*"))
    yield say("backend.monitoring", port=code(environment.grafana.port))
    yield f"#### {say('backend.variables')}"
    yield say("backend.variables_intro", path=code(f"/wealist/{environment.name}/"))
    yield table(view.say.columns("variable", "parameter"), _variables(view))
    yield f"#### {say('backend.agent')}"
    yield say("backend.agent_intro")


def _container(view: View, service: Service) -> tuple[str, ...]:
    framework = _FRAMEWORKS.get(service.name, NONE)
    image = f"{ECR_REGISTRY}/{view.environment.names(service.full_name)}:{LATEST}"
    return (
        text(service.full_name),
        code(image),
        code(service.port),
        framework,
        code(service.health_path),
        code(service.metrics_path),
        f"{code(service.database_name)} ({code(service.database_user)}), Redis",
    )


def _variables(view: View) -> Iterator[tuple[str, str]]:
    paths: dict[str, list[str]] = {}
    for service in view.environment.services:
        for variable, path in parameters.variables(service).items():
            paths.setdefault(variable, []).append(view.environment.names.parameter(path))
    for variable, several in paths.items():
        yield code(variable), cells(dict.fromkeys(several))
