"""The compose file cannot be started here; it is validated against the schema and held to what it promises.

compose_spec.json comes from docker-compose 1.29.2 (Apache-2.0), see THIRD_PARTY_NOTICES.md.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import bootstrap

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ("web", "worker", "beat", "setup")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_follows_the_compose_specification(compose):
    schema = json.loads((Path(__file__).parent / "compose_spec.json").read_text())
    errors = [
        f"{list(error.path)}: {error.message}"
        for error in jsonschema.Draft201909Validator(schema).iter_errors(compose)
    ]
    assert not errors


def test_holds_every_service(compose):
    assert set(compose["services"]) == {"proxy", *PORTAL, "postgres", "redis"}


def test_only_the_proxy_is_reachable(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    outside = [name for name, service in compose["services"].items() if "outside" in service["networks"]]
    assert outside == ["proxy"]


def test_every_lasting_service_has_a_health_check_and_restarts(compose):
    for name, service in compose["services"].items():
        if name == "setup":
            assert service["restart"] == "no"
            continue
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_nothing_starts_before_the_schema_is_there(compose):
    for name in ("web", "worker", "beat", "proxy"):
        conditions = compose["services"][name]["depends_on"]
        assert conditions["setup"]["condition"] == "service_completed_successfully", name
    assert compose["services"]["setup"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    # A dead Redis must keep neither pages nor setup from starting.
    assert not any("redis" in service.get("depends_on", {}) for service in compose["services"].values())


def test_secrets_come_from_the_environment_without_a_default():
    text = read("docker-compose.yml")
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        uses = re.findall(r"\$\{" + secret + r"([^}]*)\}", text)
        assert uses and all(use.startswith(":?") for use in uses), secret
        assert re.search(rf"^{secret}=$", read(".env.example"), re.MULTILINE), secret


def test_every_variable_is_explained_in_the_example():
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", read("docker-compose.yml")))
    named = set(re.findall(r"^#? ?([A-Z_]+)=", read(".env.example"), re.MULTILINE))
    assert used - named <= {"PORTAL_VERSION", "HTTP_PORT", "HTTPS_PORT"}


def test_the_application_runs_unprivileged_and_read_only(compose):
    for name in PORTAL:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "files:/data" in service["volumes"]
    assert re.search(r"^USER portal$", read("Dockerfile"), re.MULTILINE)


def test_the_proxy_takes_an_upload_but_not_much_more(settings):
    limit = (
        int(re.search(r"client_max_body_size (\d+)m;", read("deploy/nginx/portal.conf.template"))[1])
        * 1024
        * 1024
    )
    assert settings.MAX_UPLOAD_BYTES < limit <= 1.25 * settings.MAX_UPLOAD_BYTES


def test_the_proxy_overwrites_what_a_client_claims():
    text = read("deploy/nginx/portal.conf.template")
    assert "X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert "underscores_in_headers off;" in text
    assert "return 444;" in text


def test_the_image_has_pango_and_the_hashed_list():
    text = read("Dockerfile")
    for package in bootstrap.PANGO_PACKAGES:
        assert package in text
    assert "--require-hashes" in text
    assert "--only-binary :all:" in text
    # The fonts of the documents travel with the repository.
    assert "reporting" not in read(".dockerignore")


def test_roles_of_the_image_are_those_of_the_compose_file(compose):
    entrypoint = read("deploy/entrypoint.sh")
    for name in PORTAL:
        assert compose["services"][name]["command"] == [name]
        assert re.search(rf"^{name}\)$", entrypoint, re.MULTILINE)


def test_the_proxy_counts_floods_not_people():
    """Two hundred firms behind one address open the sign-in page, with its style and script, in the same seconds."""
    text = read("deploy/nginx/portal.conf.template")
    zones = re.findall(r"^limit_req_zone \S+ zone=(\w+):\w+ rate=(\d+)r/([sm]);", text, re.MULTILINE)
    assert zones and all(int(rate) >= 100 and unit == "s" for _, rate, unit in zones)
    assert all(int(burst) >= 2000 for burst in re.findall(r"limit_req zone=\w+ burst=(\d+)", text))
    assert all(int(most) >= 1000 for most in re.findall(r"limit_conn \w+ (\d+);", text))
    assert "location /accounts/login/" not in text


def test_the_proxy_refuses_in_chinese_and_says_when_to_come_back():
    text = read("deploy/nginx/portal.conf.template")
    for status, name in re.findall(r"error_page (\d+)[\d ]* = (@\w+);", text):
        block = re.search(rf"location {name} \{{(.*?)\n    \}}", text, re.DOTALL)[1]
        assert 'lang="zh-Hans"' in block and "$http_x_autosave" in block, name
        assert status == "413" or "add_header Retry-After 30 always;" in block, name
    assert {"413", "429", "502"} == set(re.findall(r"error_page (\d+)", text))
