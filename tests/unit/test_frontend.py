"""The site: certificates, IPv6 and log delivery."""

from tests.synthesized import Stack, address_of


def test_the_site_has_an_ipv6_record_for_its_distribution(stack: Stack) -> None:
    distribution = stack.only("aws_cloudfront_distribution", is_ipv6_enabled=True)
    (name,) = distribution["aliases"]
    alias = stack.only("aws_route53_record", name=name, type="AAAA")["alias"]
    assert address_of(alias["name"]) == distribution.address


def test_every_certificate_is_validated_by_its_own_record(stack: Stack) -> None:
    for certificate in stack.all("aws_acm_certificate"):
        (record,) = stack.pointing_at(certificate, "aws_route53_record", "records")
        assert {record.refers_to("name"), record.refers_to("type")} == {certificate.address}
        (validation,) = stack.pointing_at(certificate, "aws_acm_certificate_validation", "certificate_arn")
        assert validation.refers_to("validation_record_fqdns") == [record.address]
        assert stack.region(validation) == stack.region(certificate)


def test_cloudfront_may_write_to_the_destination_of_its_logs(stack: Stack) -> None:
    delivery = stack.only("aws_cloudwatch_log_delivery")
    destination = stack.target(delivery, "delivery_destination_arn")
    (where,) = destination["delivery_destination_configuration"]
    bucket, _, prefix = where["destination_resource_arn"].removeprefix("arn:aws:s3:::").partition("/")
    (policy,) = stack.pointing_at(stack.only("aws_s3_bucket", bucket=bucket), "aws_s3_bucket_policy", "bucket")
    assert policy.address in destination["depends_on"]
    writer = {"Service": "delivery.logs.amazonaws.com"}
    (allowed,) = (each for each in policy.statements().values() if each["Principal"] == writer)
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket}/{prefix}/*"]
    # CloudFront delivers from us-east-1, wherever the bucket is.
    source = "arn:aws:logs:us-east-1:290008131187:delivery-source:*"
    assert allowed["Condition"]["ArnLike"] == {"aws:SourceArn": source}
