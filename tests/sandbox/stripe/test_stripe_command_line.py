"""Stripe's own command line as a second client, where it is installed."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from campaigns.core.settings import settings
from tests.sandbox.stripe import dahlia
from tests.sandbox.stripe.stage import Simulator


def test_stripes_own_command_line_drives_the_simulator(simulator: Simulator, stripe_command: Path, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}

    def say(*words: str) -> Any:
        where = ("--api-base", simulator.url, "--api-key", settings().stripe_key)
        said = subprocess.run([stripe_command, *words, *where], env=environment, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(said.stdout)

    made = say("customers", "create", "--name", "Zappos", "-d", "metadata[brand]=1")
    assert (made["name"], made["metadata"], dahlia.object_faults(made)) == ("Zappos", {"brand": "1"}, [])
    assert simulator.client.v1.customers.retrieve(made["id"]).name == "Zappos"
    simulator.fund(10_000)
    sent = [simulator.transfer(simulator.payable(), amount, transfer_group="run_7").id for amount in (100, 200, 300)]
    assert [each["id"] for each in say("transfers", "list", "--transfer-group", "run_7", "--limit", "2")["data"]] == [sent[2], sent[1]]
    assert say("transfers", "retrieve", sent[0])["amount"] == 100
    assert say("balance", "retrieve")["available"][0]["amount"] == 10_000 - 320 - 600
    assert say("get", "/v1/customers/cus_none")["error"]["code"] == "resource_missing"
