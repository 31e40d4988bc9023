# SPDX-License-Identifier: MIT
"""Run one of Python's own test modules and print a line for each test.

usage: runmod.py MODULE DIRECTORY [SKIP-FILE]

Lines: "> ID" when a test starts, "= STATUS ID" when it has ended (ok, FAIL, ERROR, skipped, expected-failure,
unexpected-success), "# done" at the end. They go to the standard output as it was at the start, so that what tests
do to theirs is not in the way. Tests named in SKIP-FILE are not run. DIRECTORY is where the tests work.
"""
import os
import sys
import unittest


class Result(unittest.TestResult):
    def __init__(self, out):
        super().__init__()
        self.out = out

    def startTest(self, test):
        super().startTest(test)
        self.out.write(f"> {test.id()}\n")

    def say(self, test, status):
        name = getattr(test, "id", lambda: str(test))()
        self.out.write(f"= {status} {' '.join(name.split())}\n")

    def addSuccess(self, test):
        self.say(test, "ok")

    def addFailure(self, test, err):
        self.say(test, "FAIL")
        self.detail(test, err)

    def addError(self, test, err):
        self.say(test, "ERROR")
        self.detail(test, err)

    def detail(self, test, err):
        for line in self._exc_info_to_string(err, test).splitlines()[-25:]:
            self.out.write(f"- {line}\n")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.say(test, "FAIL")
            self.detail(test, err)

    def addSkip(self, test, reason):
        self.say(test, "skipped")
        self.out.write(f"- {reason}\n")

    def addExpectedFailure(self, test, err):
        self.say(test, "expected-failure")

    def addUnexpectedSuccess(self, test):
        self.say(test, "unexpected-success")


def walk(suite, skip):
    """The suite without the tests to be skipped, in the order that loading gave."""
    for i, test in enumerate(suite):
        if isinstance(test, unittest.TestSuite):
            walk(test, skip)
        elif test is not None and test.id() in skip:
            suite._tests[i] = unittest.FunctionTestCase(lambda: None, description="left out")
    return suite


def main():
    module, where = sys.argv[1:3]
    skip = set()
    if len(sys.argv) > 3 and os.path.exists(sys.argv[3]):
        with open(sys.argv[3], encoding="utf-8") as f:
            skip = set(f.read().split())
    sys.argv = sys.argv[:1]
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.chdir(where)
    os.environ["TMPDIR"] = where

    from test import support

    support.verbose = 0
    support.use_resources = ["subprocess", "cpu", "walltime"]
    try:
        suite = unittest.defaultTestLoader.loadTestsFromName("test." + module)
        walk(suite, skip).run(Result(out))
    except unittest.SkipTest as e:
        out.write(f"= skipped test.{module}\n- {e}\n")
    support.reap_children()
    out.write("# done\n")
    out.flush()
    os._exit(0)


# What multiprocessing starts anew imports this file too.
if __name__ == "__main__":
    main()
