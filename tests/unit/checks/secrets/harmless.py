"""Common values of plans that are not secrets."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Final

from wealist.model.types import rows

_ACCOUNT: Final = "290008131187"
_SERVICES: Final = (
    "acm",
    "ec2",
    "elasticache",
    "iam",
    "kms",
    "lambda",
    "logs",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "ssm",
)
_ARNS: Final = (
    "certificate/1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b",
    "key/658327ea-f89d-4fab-a63d-7e88639e58f6",
    "secret:wealist/prod/db-password-AbCdEf",
    "role/wealist-prod-ec2-role",
    "policy/wealist-prod-token-reader",
    "parameter/wealist/prod/jwt/jwt_secret",
)
_OTHERS: Final = """
t3.small r6g.large db.t4g.micro gp3 16.3 5.100.0 v1.31.2 1.11.4-rc1 2012-10-17 2026-06-30T00:00:00Z
ami-0abcdef1234567890 vpc-0123456789abcdef0 subnet-0a1b2c3d4e5f67890 sg-903004f8 rtb-0f1e2d3c eipalloc-64d5890a
i-1234567890abcdef0 lt-0123456789abcdef0 Z1R8UBAEXAMPLE E2QWRUHAPOMQZL cache.t4g.micro wealist-prod-access-logs
0.0.0.0/0 10.1.0.0/16 2001:db8::/32 203.0.113.25 ap-northeast-2a us-east-1 1024-65535 sha256 PAY_PER_REQUEST
nginx:1.27.3-alpine ghcr.io/orangescloud/board-service:v2.3.1 public.ecr.aws/docker/library/redis:7.4
290008131187.dkr.ecr.ap-northeast-2.amazonaws.com/board@sha256:30f1c0d78e0ad60901648be663a710bdadf19e4c10ac6782c235200619158284
https://registry.terraform.io/providers/hashicorp/aws/5.100.0 https://api.wealist.co.kr:8443/api/boards?page=2&size=50
https://localhost:8080/npm/foo@1.2 git@github.com:OrangesCloud/board.git git::https://github.com/x/y.git?ref=v1.2.0
arn:aws:iam::aws:policy/AdministratorAccess arn:aws:s3:::wealist-prod-site/* alias/wealist-prod kms:Decrypt iam:PassRole
wealist-prod.abcdefghijkl.ap-northeast-2.rds.amazonaws.com d111111abcdef8.cloudfront.net
ELBSecurityPolicy-TLS13-1-2-2021-06
TLSv1.2_2021 cron(0 18 ? * MON-FRI *) rate(5 minutes) */api/* HTTP_5XX tcp-443 4f2e2f0c1f2b3a4d5e6f708192a3b4c5d6e7f809
ubuntu-jammy-22.04-amd64-server-20260101 amzn2-ami-hvm-2.0.20260101.0-x86_64-gp2 rtc-01HZX3J8V9K2M4N6P8Q0R2S4T6
"""
_SENTENCES: Final = """
Basic monitoring is on; bearer of the certificate; authorization: none
docker run -p 8080:80 -u 472:472 grafana
docker login --username AWS --password-stdin registry
mysql -p -h db wealist
ssh -p 2222 login
mkdir -p /opt/wealist && tar -pxzf x.tgz
curl -fsSL https://example.com/a.sh
curl -u "$USER:$PASSWORD" https://example.com
PASSWORD=$(aws ssm get-parameter --name /wealist/prod/db_password --with-decryption --query Parameter.Value)
password_file: /run/secrets/db
the npm_config_registry and the sk_live prefix
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo
MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
aws s3 cp s3://wealist-prod-artifacts/bundles/board/2026-01-01.zip .
Allows the load balancer to reach the services; see the runbook for tokens
"""


def harmless() -> Iterator[str]:
    """Each value."""
    yield from (f"arn:aws:{service}:ap-northeast-2:{_ACCOUNT}:{rest}" for service in _SERVICES for rest in _ARNS)
    for number in range(60):
        name = f"wealist-{number}"
        yield str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        yield f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        yield hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
        yield hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
        yield f"{number % 7}.{number}.{number * 3}"
        yield f"wealist-prod-service-{number:03d}"
    yield from rows()
    yield from _OTHERS.split()
    yield from filter(None, _SENTENCES.splitlines())
