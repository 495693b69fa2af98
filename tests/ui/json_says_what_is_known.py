#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the JSON, ndjson and CSV reports say of made-up analyses, read with Python's own parsers."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

BUILD = os.environ.get("top_builddir", ".")
WRITER = os.path.join(BUILD, "tests", "ui", "write_report")
HERE = os.path.dirname(os.path.abspath(__file__))


def written(form, story, *options):
    command = [WRITER, form, story, *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")


def report(story, *options):
    return json.loads(written("json", story, *options))


class Founding(unittest.TestCase):
    """sensor-17 is away from 12:01:00 to 12:06:04.2 while gw-2 publishes twice."""

    def setUp(self):
        self.report = report("founding")
        self.loss, self.risk = self.report["findings"]

    def test_the_capture_is_described(self):
        capture = self.report["capture"]
        self.assertEqual(capture["sources"][0]["link_types"], ["EN10MB"])
        self.assertEqual(capture["packets"], 41)
        self.assertEqual(capture["first"], "2026-11-22T12:00:00.000000000Z")
        self.assertEqual(capture["last"], "2026-11-22T12:06:11.000000000Z")
        self.assertIsNone(capture["dropped_by_kernel"])
        self.assertEqual(capture["mqtt"]["by_type"]["CONNECT"], 3)
        self.assertEqual(capture["mqtt"]["by_type"]["AUTH"], 0)
        self.assertEqual(capture["vantage"], {"value": "broker", "inferred": True})

    def test_the_loss_is_told(self):
        loss = self.loss
        self.assertEqual((loss["id"], loss["client_id"]), (1, "sensor-17"))
        self.assertEqual(loss["broker"], "10.0.0.5:1883")
        self.assertEqual((loss["from_connection"], loss["to_connection"]), (1, 2))
        self.assertEqual((loss["severity"], loss["cause"]), ("loss", "expiry-absent"))
        self.assertEqual((loss["responsible"], loss["confidence"]), ("client-config", "proven"))
        self.assertEqual(loss["outcome"], "fresh-unexpected")
        self.assertEqual(loss["absence"], 304.2)
        self.assertEqual(loss["session_died"]["after"], "2026-11-22T12:01:00.000000000Z")
        self.assertEqual(loss["session_died"]["before"], "2026-11-22T12:06:04.201000000Z")
        self.assertEqual(loss["clauses"], ["5.0 §3.1.2.11.2", "5.0 [MQTT-3.1.2-23]"])

    def test_what_was_lost_is_counted(self):
        lost = self.loss["lost"]
        self.assertEqual(lost["subscriptions"], ["plant/+/temp"])
        messages = lost["messages"]
        self.assertEqual(messages["lost"], {"min": 2, "max": 2})
        self.assertEqual(messages["while_offline"], 2)
        self.assertIsNone(messages["why_not_exact"])
        self.assertEqual(messages["examples"][0], {
            "topic": "plant/3/temp", "qos": 1, "frame": 24, "file": 0,
            "time": "2026-11-22T12:02:00.000000000Z", "publisher": "gw-2"})

    def test_a_risk_has_no_second_connection_and_no_count(self):
        self.assertEqual(self.risk["severity"], "risk")
        for key in ("to_connection", "outcome", "absence"):
            self.assertIsNone(self.risk[key])
        self.assertIsNone(self.risk["lost"]["messages"])

    def test_clients_have_their_connections(self):
        sensor, gateway = self.report["clients"]
        self.assertEqual((sensor["state"], gateway["state"]), ("online", "offline"))
        self.assertEqual(sensor["subscriptions"][0]["filter"], "plant/+/temp")
        self.assertIsNone(sensor["subscriptions"][0]["share"])
        first, second = sensor["connections"]
        self.assertEqual((first["n"], second["n"]), (1, 2))
        self.assertEqual((first["close_kind"], first["disconnect_reason"]), ("disconnect", 0))
        self.assertEqual(first["username"], "plant-user")
        self.assertEqual(first["session_expiry"],
                         {"connect": None, "connack": None, "disconnect": None, "effective": 0})
        self.assertEqual((second["close_kind"], second["closed"]), ("open", None))
        self.assertIsNone(second["close_frame"])
        self.assertEqual(gateway["connections"][0]["session_expiry"]["effective"], 3600)

    def test_the_summary_counts_lapses_and_each_absence_once(self):
        self.assertEqual(self.report["summary"], {
            "clients": 2, "reconnects": 1, "resumed": 0, "lapses": 1,
            "messages_lost": {"min": 2, "max": 2},
            "by_cause": {"expiry-absent": 1}, "by_responsible": {"client-config": 1}})

    def test_restarts_are_a_list(self):
        self.assertEqual(self.report["brokers"][0]["restarts"], [])

    def test_what_a_broker_never_showed_is_null(self):
        learned = self.report["brokers"][0]["learned"]
        self.assertIs(learned["reports_no_matching_subscribers"], True)
        for key in ("longest_gap_resumed", "dup_on_redelivery", "sends_taken_over"):
            self.assertIsNone(learned[key])


class Restart(unittest.TestCase):
    """The broker is down from 12:01:00 to 12:01:05.002, and two clients lose their sessions."""

    def test_the_event_is_told_once_and_the_findings_refer_to_it(self):
        told = report("restart")
        event, = told["incidents"]
        self.assertEqual((event["id"], event["kind"], event["confidence"]), (1, "restart", "strong"))
        self.assertEqual(event["clients"], ["valve-1", "valve-2\x1b[31m"])
        self.assertEqual(event["signs"], ["connections-closed", "syn-refused"])
        self.assertEqual(event["numbers"], {"open": 2, "ended": 2, "attempts": 1, "resumed": 0,
                                            "lost": 2, "unknown": 0})
        self.assertEqual([item["frame"] for item in event["evidence"]], [6, 22, 34])
        self.assertEqual({finding["incident"] for finding in told["findings"]}, {1})
        self.assertEqual(told["brokers"][0]["restarts"], [
            {"down": "2026-11-22T12:01:00.000000000Z", "up": "2026-11-22T12:01:05.002000000Z",
             "confidence": "strong"}])

    def test_only_the_clients_that_were_asked_for_are_named(self):
        event, = report("restart", "--client", "valve-1")["incidents"]
        self.assertEqual(event["clients"], ["valve-1"])
        self.assertEqual(report("restart", "--client", "nobody")["incidents"], [])


class Hostile(unittest.TestCase):
    def setUp(self):
        self.report = report("hostile")

    def test_names_come_through_as_they_were_and_ill_formed_octets_do_not(self):
        self.assertEqual(self.report["clients"][0]["client_id"],
                         "=cmd|' /C calc'!A0\x1b[31m\x07\"\r\n,\u202e")
        finding = self.report["findings"][0]
        self.assertIsNone(finding["lost"]["messages"])
        self.assertIn("no publisher", finding["lost"]["why_not_exact"])

    def test_what_was_not_captured_is_null(self):
        first, second = self.report["clients"][0]["connections"]
        for key in ("version", "bridge", "connect_frame", "closed", "clean_start", "keep_alive",
                    "session_present", "return_code", "disconnect_reason"):
            self.assertIsNone(first[key], key)
        self.assertIsNone(first["session_expiry"]["effective"])
        self.assertEqual(first["outcome"], "not-observable")
        self.assertIs(first["complete"], False)
        self.assertIsNone(second["session_present"], "MQTT 3.1 has no Session Present")
        self.assertEqual(second["session_expiry"]["effective"], "never")

    def test_a_shared_subscription_names_its_group(self):
        subscription = self.report["clients"][0]["subscriptions"][0]
        self.assertEqual(subscription["share"], "g\x01")

    def test_damage_and_drops_are_told(self):
        source = self.report["capture"]["sources"][0]
        self.assertEqual(source["damage"], "frame 46: record cut off at offset 4711")
        self.assertEqual(source["dropped"], 1234567)
        self.assertEqual(self.report["capture"]["dropped_by_kernel"], 1234567)

    def test_the_most_that_can_be_lost_is_not_known(self):
        self.assertEqual(self.report["summary"]["messages_lost"], {"min": 0, "max": None})

    def test_a_spreadsheet_takes_no_cell_for_a_formula(self):
        rows = list(csv.reader(io.StringIO(written("csv", "hostile"), newline="")))
        self.assertTrue(rows[1][1].startswith("'=cmd"))
        self.assertNotIn("\x1b", rows[1][1])


class Selected(unittest.TestCase):
    def test_a_glob_selects_clients_findings_and_counts(self):
        selected = report("30", "--client", "meter-00000?")
        self.assertEqual(len(selected["clients"]), 10)
        self.assertEqual(len(selected["findings"]), 10)
        self.assertEqual(selected["summary"]["clients"], 10)
        self.assertEqual(selected["summary"]["lapses"], 10)
        self.assertEqual(sum(selected["summary"]["by_cause"].values()), 10)
        # 1 + i % 3 messages each, for i from 0 to 9
        self.assertEqual(selected["summary"]["messages_lost"], {"min": 19, "max": 19})

    def test_globs_add_up_and_finding_numbers_stay(self):
        selected = report("30", "--client", "meter-000004", "--client", "*29")
        self.assertEqual([finding["id"] for finding in selected["findings"]], [5, 30])

    def test_a_glob_that_fits_nobody_leaves_nothing(self):
        selected = report("30", "--client", "nobody")
        self.assertEqual((selected["clients"], selected["findings"]), ([], []))
        self.assertEqual(selected["summary"]["reconnects"], 0)


class Redacted(unittest.TestCase):
    def test_no_format_shows_what_is_hidden(self):
        for form in ("json", "ndjson", "csv", "markdown", "text"):
            text = written(form, "founding", "--redact")
            for secret in ("plant/3/temp", "plant/+/temp", "plant-user"):
                self.assertNotIn(secret, text, form)
            self.assertIn("sensor-17", text, form)

    def test_the_same_text_has_the_same_token(self):
        redacted = report("founding", "--redact")
        finding = redacted["findings"][0]
        examples = finding["lost"]["messages"]["examples"]
        self.assertEqual(examples[0]["topic"], examples[1]["topic"])
        self.assertRegex(examples[0]["topic"], "^<topic-[0-9a-f]{10}>$")
        self.assertEqual(finding["lost"]["subscriptions"][0],
                         redacted["clients"][0]["subscriptions"][0]["filter"])
        says = [evidence["says"] for evidence in finding["evidence"]]
        self.assertTrue(any(examples[0]["topic"] in line for line in says), says)


class OtherFormats(unittest.TestCase):
    def test_ndjson_has_the_same_objects_one_a_line(self):
        whole = report("founding")
        lines = [json.loads(line) for line in written("ndjson", "founding").splitlines()]
        self.assertEqual([line.pop("type") for line in lines],
                         ["capture", "broker", "client", "client", "finding", "finding", "summary"])
        self.assertEqual(lines[0].pop("schema"), "mqlapse.report/1")
        self.assertEqual(lines, [whole["capture"], *whole["brokers"], *whole["clients"],
                                 *whole["findings"], whole["summary"]])

    def test_csv_has_one_row_a_finding_and_ends_lines_as_rfc_4180_says(self):
        text = written("csv", "founding")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), 2)
        self.assertEqual(text.count("\r\n"), 3)
        self.assertEqual(rows[0]["client_id"], "sensor-17")
        self.assertEqual(rows[0]["absence"], "304.2")
        self.assertEqual((rows[0]["messages_lost_min"], rows[0]["messages_lost_max"]), ("2", "2"))
        self.assertEqual((rows[0]["file"], rows[0]["frame"]), ("0", "4"))
        self.assertEqual((rows[1]["absence"], rows[1]["messages_lost_min"]), ("", ""))


class Schema(unittest.TestCase):
    def validate(self, *texts):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, str(i)) for i in range(len(texts))]
            for name, text in zip(names, texts):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(text)
            command = [sys.executable, os.path.join(HERE, "validate_report.py"), *names]
            ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if ran.returncode == 77:
            self.skipTest("python3-jsonschema is not installed")
        return ran.returncode, ran.stdout.decode()

    def test_every_report_is_valid(self):
        texts = [written(form, story, *options)
                 for story in ("founding", "hostile", "restart", "nothing", "30")
                 for form in ("json", "ndjson")
                 for options in ((), ("--redact",), ("--client", "s*"))]
        self.assertEqual(self.validate(*texts), (0, ""))

    def test_the_validator_finds_what_is_wrong(self):
        whole = written("json", "founding")
        wrongs = []
        for key, value in (("severity", "bad"), ("id", 0), ("more", 1), ("absence", "5"),
                           ("cause", "no-such-cause"), ("evidence", [])):
            wrongs.append(json.loads(whole))
            wrongs[-1]["findings"][0][key] = value
        wrongs.append(json.loads(whole))
        del wrongs[-1]["findings"][0]["lost"]
        wrongs.append(json.loads(whole))
        wrongs[-1]["capture"]["first"] = "2026-11-22T12:00:00Z"
        status, said = self.validate(*[json.dumps(wrong) for wrong in wrongs])
        self.assertEqual(status, 1)
        names = {line.split(":")[0] for line in said.splitlines()}
        self.assertEqual({os.path.basename(name) for name in names},
                         {str(i) for i in range(len(wrongs))}, said)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    # A test that was skipped did not pass.
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
