# SPDX-License-Identifier: MIT
"""The HTML report: sound markup, nothing from elsewhere, no text of the wire as markup, all that the text has."""
import html.parser
import os
import re
import subprocess
import sys
import unittest

WRITER = os.path.join(os.environ.get("top_builddir", "."), "tests", "ui", "write_report")
STORIES = ("founding", "hostile", "restart", "nothing", "nobody")
VOID = {"meta"}
TAGS = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "dl", "dt", "dd", "section",
        "article", "p", "span", "strong", "i", "div", "table", "tr", "th", "td", "svg", "rect"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "preserveaspectratio", "role",
              "aria-label", "x", "y", "width", "height"}


def written(form, story):
    return subprocess.run([WRITER, form, story], capture_output=True, check=True).stdout.decode("utf-8")


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.faults, self.words, self.rects = [], [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        self.faults += [f"attribute {name}" for name, _ in attrs if name not in ATTRIBUTES]
        if tag == "rect":
            self.rects.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def text(self):
        return " ".join(" ".join(self.words).split())


class Html(unittest.TestCase):
    def test_markup_is_sound_and_no_more_than_ours(self):
        for story in STORIES:
            with self.subTest(story):
                page = Page(written("html", story))
                self.assertEqual(page.faults, [])

    def test_nothing_comes_from_elsewhere(self):
        for story in STORIES:
            text = written("html", story)
            self.assertIsNone(re.search(r"<script|<link|<img|<iframe|@import|url\(|\son\w+=|href=|src=", text), story)
            self.assertIn("default-src 'none'", text)

    def test_the_wire_writes_no_markup_and_no_control(self):
        text = written("html", "hostile")
        self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text))

    def test_each_evidence_line_of_the_text_is_there(self):
        for story in ("founding", "restart"):
            plain, page = written("text", story), Page(written("html", story)).text()
            for words in re.findall(r"^ +\d+  \d\d:\d\d:\d\d\.\d{3} +[-+][0-9.]+ s  (.{10,40}?)(?:,|$)", plain, re.M):
                self.assertIn(" ".join(words.split()), page, story)

    def test_what_the_text_says_of_the_capture_as_a_whole_is_there(self):
        for story in STORIES:
            plain, page = " ".join(written("text", story).split()), Page(written("html", story)).text()
            for words in ("Packets against the standard", "packet-id-zero: The Packet Identifier is 0.",
                          "What else there was", "something else than MQTT", "in TCP streams, ",
                          "by the look of it", "was interrupted"):
                self.assertEqual(words in plain, words in page, f"{story}: {words}")

    def test_the_verdict_is_the_heading(self):
        for story in STORIES:
            first = written("text", story).splitlines()[0]
            self.assertTrue(first.rstrip(".")[:60] in Page(written("html", story)).text(), story)

    def test_timelines_stay_in_their_picture(self):
        rects = Page(written("html", "founding")).rects
        self.assertGreater(len(rects), 0)
        for rect in rects:
            self.assertIn(rect["class"], ("on", "kept", "gone", "unknown", "mark"))
            self.assertLessEqual(int(rect["x"]) + int(rect["width"]), 960)

    def test_topics_are_hidden_where_asked(self):
        plain = written("html", "founding")
        topic = re.search(r"plant/[^<, ]+", plain)
        self.assertIsNotNone(topic)
        hidden = subprocess.run([WRITER, "html", "founding", "--redact"], capture_output=True, check=True)
        self.assertNotIn(topic.group(0).encode(), hidden.stdout)


if __name__ == "__main__":
    if not os.path.exists(WRITER):
        sys.exit(77)
    unittest.main()
