"""Examples of known secret formats, assembled from parts, so that scanners of this repository do not report them."""

from typing import Final

HEX: Final = "9f86d081884c7d659a2feaa0c55ad015"
WORD: Final = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

SHAPES: Final = {
    "an AWS access key": ["AKIA" + "IOSFODNN7EXAMPLE", "ASIA" + "IOSFODNN7EXAMPLE"],
    "a private key": [
        f"-----BEGIN {kind}PRIVATE KEY{more}-----\n{WORD}\n-----END {kind}PRIVATE KEY{more}-----"
        for kind, more in (
            ("", ""),
            ("RSA ", ""),
            ("OPENSSH ", ""),
            ("EC ", ""),
            ("ENCRYPTED ", ""),
            ("PGP ", " BLOCK"),
        )
    ],
    "a private key of PuTTY": [f"PuTTY-User-Key-File-3: ssh-ed25519\n{WORD}\nPrivate-MAC: {HEX}"],
    "the body of a private key": [
        "MIIEvQIBADANBgkqhkiG9w0BAQ" + "EFAASCBKcwggSjAgEAAoIBAQC7",
        "MIIEpAIBAAKCAQEA" + WORD,
        "MHcCAQEE" + WORD,
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg" + WORD,
        "MC4CAQAwBQYDK2VwBCIEI" + WORD,
    ],
    "a signature of AWS or Google": ["X-Amz-Signature=" + HEX * 2, "x-goog-signature=" + HEX],
    "a signature of CloudFront": [f"?Key-Pair-Id=K2JCJMDEHXQW5F&Signature={WORD}__"],
    "an Azure key": ["AccountKey=" + WORD * 2 + "==", f"?sv=2022-11-02&sig={WORD}%3D"],
    "a GitHub token": [*(f"gh{each}_" + WORD for each in "pousr"), "github_pat_11ABCDEFG0" + WORD + "_" + WORD],
    "a GitLab token": ["glpat-" + WORD[:20], "gldt-" + WORD[:20], "glrt-" + WORD[:20]],
    "a Slack token": [f"xox{each}-123456789012-{WORD[:24]}" for each in "abeoprs"] + ["xapp-1-A0123456789-" + WORD],
    "the address of a webhook": [
        "https://hooks.slack.com/services/T00000000/B00000000/" + WORD[:24],
        "https://discord.com/api/webhooks/123456789012345678/" + WORD * 2,
        "https://discordapp.com/api/webhooks/123456789012345678/" + WORD * 2,
        f"https://example.webhook.office.com/webhookb2/{HEX}@{HEX}/IncomingWebhook/{HEX}/x",
        f"https://outlook.office.com/webhook/{HEX}/IncomingWebhook/{HEX}",
    ],
    "a Stripe key": ["sk_live_" + WORD[:24], "rk_live_" + WORD[:24], "sk_test_" + WORD[:24], "whsec_" + WORD],
    "a Google key": ["AIza" + WORD[:35], "GOCSPX-" + WORD[:28], "ya29." + WORD],
    "a token of a package registry": ["npm_" + WORD, "pypi-AgEIcHlwaS5vcmc" + WORD, "dckr_pat_" + WORD[:27]],
    "a mail service's key": [f"SG.{WORD[:22]}.{WORD}{WORD[:7]}", "key-" + HEX],
    "a HashiCorp token": ["hvs." + WORD, f"{WORD[:14]}.atlasv1.{WORD * 2}"],
    "a key of a language model": ["sk-proj-" + WORD, "sk-ant-api03-" + WORD],
    "a token of a cloud service": ["dop_v1_" + HEX * 2, "shpat_" + HEX, "glsa_" + WORD],
    "a JSON web token": ["eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"],
    "a password in a URL": ["redis://:hunter22@cache:6379", "https://git:hunter22@example.com/x"],
    "a header's credentials": [
        f"Authorization: Bearer {WORD}",
        "Authorization: Basic aHVudGVyOmh1bnRlcg==",
        f"bearer {WORD}",
    ],
    "a password on a command's line": [
        "curl -u admin:hunter22 https://example.com/",
        "curl -sSfu admin:'hunter22' https://example.com/",
        "curl -X POST --user=admin:hunter22 https://example.com/",
        "http -a admin:hunter22 https://example.com/",
        "mysql -h db -uroot -phunter22 wealist",
        "mysqldump -phunter22 wealist",
        "mariadb-admin -p'hunter22' ping",
        "sshpass -p hunter22 ssh host",
        "docker login -u x -p hunter22 registry",
        "redis-cli -h cache -a hunter22 ping",
        "ldapsearch -x -w hunter22",
    ],
}
"""What a finding calls it → texts that hold one."""
