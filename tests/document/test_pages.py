"""Every fact of the architecture document is on the Korean page of prod, or listed with its decision."""

import re
from typing import Final

import pytest

from tests.unit.docs.described import page, words
from wealist.docs.guides import decision_files
from wealist.docs.pages import settled

ZONES: Final = tuple(f"ap-northeast-2{zone}" for zone in "acd")
FACTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "1": (
        ("사용자 Route 53 wealist.co.kr → CloudFront (Frontend)", "→ ALB (Backend)"),
        ("React SPA", "CloudFront S3 wealist-frontend OAC"),
        ("10.1.0.0/16",),
        ("ALB wealist-prod-user-tg /api/users/* → 8080",),
        ("ALB wealist-prod-board-tg /api/boards/* → 8000",),
        ("ALB wealist-prod-monitoring-tg /monitoring/*",),
        ("백엔드 인스턴스 RDS PostgreSQL (수동 관리) 읽기/쓰기",),
        ("백엔드 인스턴스 ElastiCache Redis", "캐시"),
        ("ECR wealist-prod-board-service wealist-prod-user-service 이미지 pull",),
        ("GitHub Actions (OIDC) ECR 이미지 push", "GitHub Actions (OIDC) CodeDeploy 배포 시작"),
        ("CodeDeploy 백엔드 인스턴스 배포",),
    ),
    "2": (
        ("wealist-prod-vpc 10.1.0.0/16", "wealist-prod-igw"),
        *(
            (f"{zone} wealist-prod-public-subnet-{number} 10.1.{number - 1}.0/24 public ALB",)
            for number, zone in enumerate(ZONES, start=1)
        ),
        *(
            (f"{zone} wealist-prod-private-subnet-{number} 10.1.{number + 9}.0/24 private backend",)
            for number, zone in enumerate(ZONES, start=1)
        ),
        ("10.1.0.0/24 public ALB, NAT gateway",),
        ("wealist-prod-public-subnet-1 (ap-northeast-2a), Elastic IP",),
        ("10.1.12.0/24 private backend, monitoring",),
        ("wealist-prod-public-rt", "10.1.0.0/16 로컬", "0.0.0.0/0 wealist-prod-igw"),
        ("wealist-prod-private-rt", "10.1.0.0/16 로컬", "0.0.0.0/0 wealist-prod-nat"),
        *(
            (f"com.amazonaws.ap-northeast-2.{each} Interface endpoint",)
            for each in ("ssm", "ssmmessages", "ec2messages")
        ),
        ("com.amazonaws.ap-northeast-2.s3 Gateway endpoint",),
        ("VPC Endpoint로 나가므로 NAT 비용이 없습니다",),
        ("Docker Hub", "NAT Gateway → Internet Gateway → 인터넷"),
    ),
    "3": (
        ("wealist.co.kr A (alias)",),
        ("ACM (us-east-1)", "TLSv1.2", "Managed-CachingOptimized"),
        ("wealist-frontend", "(ap-northeast-2)"),
        ("버전 관리 Disabled", "AES256", "BLOCKED"),
        ("sigv4", "CloudFront만 허용하고 나머지는 모두 거부"),
        ("HTTP 403 /index.html 200", "HTTP 404 /index.html 200", "React Router"),
        ("Route 53에 묻고 CloudFront의 IP", "HTTPS로 요청", "엣지 캐시", "SigV4 서명으로 S3에 요청", "객체를 캐시하고"),
    ),
    "4": (
        ("HTTPS:443",),
        ("/api/users/* wealist-prod-user-tg 8080", "/api/boards/* wealist-prod-board-tg 8000"),
        ("/monitoring/* wealist-prod-monitoring-tg 3001",),
        ("wealist-prod-backend-asg 2-6 (2)", ", ".join(ZONES)),
        ("wealist-prod-monitoring-asg 1-1 (1) t3.small ap-northeast-2d",),
        ("Prometheus와 Grafana",),
        ("운영 체제: Amazon Linux 2",),
        ("Docker와 Docker Compose V2를 설치", "CodeDeploy Agent를", "ECR 로그인 도우미", "임시 헬스 체크 서버"),
        ("8080 (user-service)", "8000 (board-service)"),
        ("wealist-prod-user-service:latest 8080 Spring Boot /api/users/actuator/health",),
        ("wealist-prod-board-service:latest 8000 Go /api/boards/health",),
        ("wealist_user_db (user_service), Redis", "wealist_board_db (board_service), Redis"),
        ("WebSocket: /api/boards/api/ws/*",),
        *((each,) for each in ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")),
        *((each,) for each in ("REDIS_HOST", "REDIS_PORT", "REDIS_AUTH_TOKEN")),
        *((each,) for each in ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "JWT_SECRET")),
        ("배포 명령을 기다리고, appspec.yml의 hook을 실행하고, 애플리케이션의 수명 주기를 관리",),
    ),
    "5": (
        ("수동으로 관리", "wealist-prod-rds"),
        ("PostgreSQL 17.x", "db.t3.micro", "5432"),
        ("SSM에서 /wealist/prod/db/의 값을", "KMS 복호화 권한", "Docker Compose가 이를 읽습니다"),
        ("user-service wealist_user_db user_service /wealist/prod/db/user_db_password",),
        ("board-service wealist_board_db board_service /wealist/prod/db/board_db_password",),
        ("enable_multi_az = false", "인스턴스 하나가 읽기와 쓰기", "비용이 낮"),
        ("enable_multi_az = true", "동기 복제", "자동으로 장애 조치합니다(60-120초)", "비용이 더 높"),
    ),
    "6": (
        ("wealist-prod-redis", "Redis 7.0", "cache.t3.micro", "ap-northeast-2c", "6379"),
        ("enable_multi_az = false", "자동 장애 조치 없음", "비용이 낮음", "유지 관리 중 중단"),
        ("enable_multi_az = true", "비동기 복제", "읽기(선택)", "자동으로 승격", "30초"),
        ("session:{user_id} 7일 user_info, permissions, preferences",),
        ("cache:boards:{board_id} 5분 board data from PostgreSQL",),
        ("ratelimit:{ip_address}:{endpoint} 1분 request_count",),
        ("ws:connections:{room_id} 만료 없음 (직접 정리)", "set of connection_ids"),
    ),
    "7": (
        ("deploy-prod", "OIDC", "이미지를 빌드하고 push", "번들을 S3에 올리고", "CodeDeploy 배포를 시작"),
        ("ApplicationStop", "docker compose down"),
        ("DownloadBundle", "S3에서 번들을", "/opt/codedeploy-agent/deployment-root/"),
        ("BeforeInstall scripts/before_install.sh", "이전 배포의 파일을 지우고 환경을 준비"),
        ("Install", "/home/ec2-user/app/"),
        ("AfterInstall scripts/after_install.sh", "파일 권한", "환경 변수", "ECR 로그인"),
        ("ApplicationStart scripts/application_start.sh", "docker compose pull", "docker compose up -d"),
        ("ValidateService scripts/validate_service.sh", "30초"),
        ("http://localhost:8080/api/users/actuator/health", "http://localhost:8000/api/boards/health"),
        ("자동 롤백", "DEPLOYMENT_FAILURE"),
        ("BlockTraffic", "30초 동안 연결을 비웁니다", "AllowTraffic"),
        ("CodeDeployDefault.OneAtATime",),
        (
            "T0 정상, v1 정상, v1 1, 2",
            "T1 배포 중, v2 정상, v1 2",
            "T2 정상, v2 배포 중, v2 1",
            "T3 정상, v2 정상, v2 1, 2",
        ),
    ),
    "8": (
        ("443 ← 0.0.0.0/0", "80 ← 0.0.0.0/0"),
        *((f"{port} ← wealist-prod-alb-sg",) for port in (8080, 8000, 3001)),
        ("wealist-prod-rds-sg 5432 ← wealist-prod-ec2-sg", "wealist-prod-redis-sg 6379 ← wealist-prod-ec2-sg"),
        ("wealist-prod-vpc-endpoints-sg 443 ← 10.1.0.0/16",),
    ),
    "9": (
        ("wealist-prod-ec2-role ec2.amazonaws.com", "wealist-prod-codedeploy-role codedeploy.amazonaws.com"),
        ("repo:OrangesCloud/*", "repo:orangescloud/*"),
        (
            "wealist-prod-ssm-kms-policy",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            "kms:Decrypt",
        ),
        ("wealist-prod-ecr-policy", "ecr:GetAuthorizationToken *", "repository/wealist-prod-*"),
        ("ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage",),
        ("s3:ListBucket arn:aws:s3:::wealist-deploy-scripts arn:aws:s3:::wealist-app-resources",),
        ("s3:GetObject arn:aws:s3:::wealist-deploy-scripts/*",),
        ("s3:GetObject s3:PutObject s3:DeleteObject arn:aws:s3:::wealist-app-resources/*",),
        ("wealist-prod-github-actions-role", "wealist-prod-github-actions-policy"),
        ("ssm:PutParameter", "parameter/wealist/prod/"),
        ("codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:RegisterApplicationRevision"),
        ("arn:aws:s3:::wealist-codedeploy-artifacts/*", "arn:aws:s3:::wealist-app-artifacts/*"),
        ("ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups", "cloudfront:CreateInvalidation"),
    ),
}
"""Section → facts of the document, in the words of the page."""
SETTLED: Final = {
    "wealist.co.kr": 1,  # for the load balancer, too
    "Blue/Green": 2,
    "Cluster Mode": 3,
    "application/wealist-*": 4,
    "ssm:SendCommand": 5,
    "ecr:*": 5,
    "kms:Decrypt": 6,
    "아티팩트 버킷": 7,
    "Security Group 다섯 개": 8,
    "sub": 9,
    "Amazon Linux 2": 10,
    "get-login-password": 18,
    "deployment.zip": 24,
    "nginx": 25,
    "repo:OrangesCloud/*": 45,
}
"""Fact of the document that the page does not contain → number of its decision."""


def sections() -> dict[str, str]:
    """The page of prod as a reader sees it, by section."""
    text = page("ko/prod")
    parts = re.split(r"^## (?=\d+\. )", text, flags=re.MULTILINE)[1:]
    return {part.partition(".")[0]: " ".join(words(part).split()) for part in parts}


@pytest.mark.exhaustive
@pytest.mark.parametrize("section", FACTS)
def test_each_fact_of_the_document_is_in_its_section_of_the_korean_page(section: str) -> None:
    shown = sections()[section]
    assert [fact for facts in FACTS[section] for fact in facts if fact not in shown] == []


def test_deviations_are_listed_with_their_decisions() -> None:
    shown = sections()["10"]
    assert [phrase for phrase in SETTLED if phrase not in shown] == []
    assert {row["adr"] for row in settled()} == set(SETTLED.values())


def test_the_listed_decisions_exist() -> None:
    numbers = {int(path.name[:4]) for path in decision_files()}
    assert set(SETTLED.values()) <= numbers
    for row in settled():
        assert f"(../../adr/{row['adr']:04}-" in page("ko/prod")
