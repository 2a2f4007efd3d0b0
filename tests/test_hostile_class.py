"""A class that one student cannot hurt: names, files and figures that are chosen to harm the others."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from handed_in import COMPLETE, MODULES, foldered, zipped
from harness import lab
from hypothesis import example, given
from hypothesis import strategies as st
from made_up_class import a_grade, write
from scripted import grade_quickly
from tries import tries

from autograder.cli import main
from autograder.errors import GRADER
from autograder.grade import Fault, Grade, Student
from autograder.gradebook.reading import Results, read_results
from autograder.gradebook.table import cell, grades_csv
from autograder.report.lms import canvas_csv, gradescope_csv
from autograder.report.similarity import compare, look
from autograder.submission import Intake, distinct, find_handed_in
from autograder.tables import csv_text, inert, unmarked

FORGED = b"submission_1:\n  :submitters:\n  - :name: Alice Good\n    :sid: '111'\n"
FORGED_PARTS = {f"submission_1/{name}": text for name, text in MODULES.items()}
CLEVER = {f"alice{n}_{n}_7_model.py": b"" for n in range(1, 9)}
MOODLE = {f"Alice {n}_{n}_assignsubmission_file_/model.py": b"" for n in range(1, 9)}
LEVELS = (b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 110))
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(LEVELS)


def named(path: Path) -> list[tuple[str, Student | None]]:
    return [(one.id, one.student) for one in find_handed_in(path, lab())]


# ---- whose it is -----------------------------------------------------------------------------------

ATTACKS: Mapping[str, Mapping[str, bytes]] = {
    "metadata beside the modules": {**MODULES, "submission_metadata.yml": FORGED},
    "metadata and folders": {**MODULES, "submission_metadata.yml": FORGED, **FORGED_PARTS},
    "no modules at the top": {"submission_metadata.yml": FORGED, **FORGED_PARTS},
    "an export in a folder": {
        f"export/{n}": t for n, t in {"submission_metadata.yml": FORGED, **FORGED_PARTS}.items()
    },
    "junk for metadata": {**MODULES, "submission_metadata.yml": b"hello"},
    "metadata that grows": {**MODULES, "submission_metadata.yml": BOMB},
    "metadata that nests": {**MODULES, "submission_metadata.yml": b"- " * 100_000},
    "metadata with half a surrogate": {**MODULES, "submission_metadata.yml": rb'submission_1: "\\uD800"'},
    "names as in a Canvas download": {**MODULES, **CLEVER},
    "names as in a Moodle download": {**MODULES, **MOODLE},
    "zips as in a Canvas download": {**MODULES, **{name[:-3] + ".zip": b"" for name in CLEVER}},
    "a table of grades": {**MODULES, "grades.csv": b"submission,score\nalice,0\n", "grade.json": b"{}"},
    "too many files": {**MODULES, **{f"x/{n}": b"" for n in range(5_100)}},
    "folders as in a resource fork": {**MODULES, "__MACOSX/submission_metadata.yml": FORGED},
    "odd names": {
        **MODULES,
        "\u202ecod.py": b"",
        "\N{CAT}" * 60: b"",
        "-rf": b"",
        "model.py.": b"",
        "con": b"",
    },
}


@pytest.mark.parametrize("closed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_in_a_class_each_entry_is_one_submission(tmp_path: Path, attack: str, closed: bool) -> None:
    class_ = foldered(tmp_path / "class", {f"alice/{name}": text for name, text in COMPLETE.items()})
    zipped(class_ / "bob.zip", COMPLETE)
    if closed:
        zipped(class_ / "mallory.zip", ATTACKS[attack])
    else:
        foldered(class_ / "mallory", ATTACKS[attack])
    assert named(class_) == [("alice", None), ("bob", None), ("mallory", None)]
    rows = grade_quickly(tmp_path / "out", class_)
    assert [name for name, grade in rows.items() if isinstance(grade, Grade)][:2] == ["alice", "bob"]
    assert {path.parent.name for path in (tmp_path / "out").glob("*/grade.json")} <= {
        "alice",
        "bob",
        "mallory",
    }


@pytest.mark.parametrize("attack", [name for name, files in ATTACKS.items() if "model.py" in files])
def test_one_closed_submission_stays_one(tmp_path: Path, attack: str) -> None:
    path = zipped(tmp_path / "hers.zip", ATTACKS[attack])
    assert named(path) == [("hers", None)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_with_one_everything_is_one_submission(tmp_path: Path, attack: str) -> None:
    for path in (zipped(tmp_path / "z.zip", ATTACKS[attack]), foldered(tmp_path / "f", ATTACKS[attack])):
        assert [one.id for one in find_handed_in(path, lab(), intake=Intake(one=True))] == [path.stem]


@pytest.mark.parametrize("files", [CLEVER, MOODLE, {"a_1_2_x.ipynb": b"", "b_3_4_y.ipynb": b""}])
def test_a_quarantined_submission_is_graded_as_one(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    """`otter` packs what counts and grades it with --one: names in it give no other rows."""
    from autograder.otter import isolated

    foldered(tmp_path / "in", {**files, **{f"lab/{name}": text for name, text in MODULES.items()}})
    private = isolated.quarantine(tmp_path / "in", tmp_path)
    assert [one.id for one in find_handed_in(private / isolated.CLOSED, lab(), intake=Intake(one=True))] == [
        "submission"
    ]
    assert '"--one"' in Path(isolated.__file__).read_text("utf-8")


def test_a_lone_folder_that_looks_like_a_download_is_one_where_a_class_was_said(tmp_path: Path) -> None:
    files = {"submission_metadata.yml": FORGED, **FORGED_PARTS}
    class_ = tmp_path / "class"
    for lone in (files, {f"{n}/x_{n}_1_model.py": b"" for n in range(3)} | CLEVER):
        shutil.rmtree(class_, ignore_errors=True)
        foldered(class_ / "mallory", lone)
        said: list[str] = []
        assert [one.id for one in find_handed_in(class_, lab(), said.append, Intake(many=True))] == [
            "mallory"
        ]
    foldered(class_ / "mallory", files)
    find_handed_in(class_, lab(), said.append)
    assert any("mallory is read as a download; use --class" in text for text in said)


def test_an_export_takes_the_names_at_its_root_only(tmp_path: Path) -> None:
    root = FORGED + FORGED.replace(b"submission_1", b"submission_2").replace(
        b"Alice Good", b"Mallory"
    ).replace(b"111", b"666")
    own = {"submission_metadata.yml": FORGED, "x/model.py": b"", **MODULES}
    files = {
        "submission_metadata.yml": root,
        **FORGED_PARTS,
        **{f"submission_2/{n}": t for n, t in own.items()},
    }
    for path in (foldered(tmp_path / "export", files), zipped(tmp_path / "export.zip", files)):
        assert [name for name, _ in named(path)] == ["Alice Good_111", "Mallory_666"]
        rows = grade_quickly(tmp_path / f"out of {path.name}", path)
        assert all(isinstance(grade, Grade) for grade in rows.values())


@pytest.mark.parametrize("place", ["folder", "zip"])
def test_many_files_of_one_student_cost_that_row_only(tmp_path: Path, place: str) -> None:
    many = {f"submission_2/{n}.txt": b"" for n in range(5_100)}
    files = {"submission_metadata.yml": FORGED, **FORGED_PARTS, **many}
    path = foldered(tmp_path / "e", files) if place == "folder" else zipped(tmp_path / "e.zip", files)
    rows = grade_quickly(tmp_path / "out", path)
    assert isinstance(rows["Alice Good_111"], Grade)
    assert "holds more than 5000 files" in str(rows["submission_2"])


def test_names_that_point_elsewhere_cost_no_other_row(tmp_path: Path) -> None:
    bad = {
        "submission_2/..\\..\\submission_1/model.py": b"evil",
        "submission_2/model.py": b"fine",
        "/x/model.py": b"",
    }
    path = zipped(tmp_path / "e.zip", {"submission_metadata.yml": FORGED, **FORGED_PARTS, **bad})
    handed = {one.id: one for one in find_handed_in(path, lab())}
    assert set(handed) == {"Alice Good_111", "submission_2"}
    assert handed["Alice Good_111"].open(lab()).sources["model"] == "# model\n"


# ---- one row hurts no other ------------------------------------------------------------------------


class Unforeseen(RuntimeError):
    pass


def test_a_fault_while_one_is_opened_costs_that_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.submission import choosing, opening

    class_ = foldered(tmp_path / "class", {f"{n}/{name}": t for n in "abc" for name, t in MODULES.items()})
    usual = choosing.chosen

    def fail(path: Path, *more: Any) -> Any:
        if path.name == "b":
            raise Unforeseen("out of the blue \ud800" * 10_000)
        return usual(path, *more)

    monkeypatch.setattr(opening, "chosen", fail)
    rows = grade_quickly(tmp_path / "out", class_)
    assert isinstance(rows["a"], Grade)
    assert isinstance(rows["c"], Grade)
    assert isinstance(rows["b"], Fault)
    assert rows["b"].status == GRADER
    assert len(rows["b"]) < 3_000
    table = {row["submission"]: row for row in csv.DictReader((tmp_path / "out/grades.csv").open(newline=""))}
    assert "Unforeseen" in table["b"]["problem"]


def test_a_fault_while_one_is_written_costs_that_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.gradebook import Gradebook, HandedIn

    class_ = foldered(tmp_path / "class", {f"{n}/{name}": t for n in "abc" for name, t in MODULES.items()})
    usual = Gradebook.put

    def fail(self: Gradebook, name: str, grade: Grade, *work: HandedIn | None) -> Grade:
        if name == "b":
            raise Unforeseen("no file can hold it")
        return usual(self, name, grade, *work)

    monkeypatch.setattr(Gradebook, "put", fail)
    rows = grade_quickly(tmp_path / "out", class_)
    assert [isinstance(rows[name], Grade) for name in "abc"] == [True, False, True]


def test_long_names_in_any_script_have_a_folder(tmp_path: Path) -> None:
    class_ = tmp_path / "class"
    class_.mkdir()
    names = [
        "\N{CAT}" * 60,
        "李" * 80,
        "x" * 240,
        "e\u0301" * 60,
        "a;=cmd|' C calc'!A0",
        "-",
        "con",
        "\u202egpj",
    ]
    for name in names:
        zipped(class_ / f"{name}.zip", MODULES)
    rows = grade_quickly(tmp_path / "out", class_)
    assert len(rows) == len(names)
    assert all(isinstance(grade, Grade) for grade in rows.values())


def test_numbers_for_names_that_are_the_same_take_linear_time() -> None:
    class Counted(str):
        made = 0

        def casefold(self) -> str:
            Counted.made += 1
            return super().casefold()

    names = distinct([Counted("x")] * 2_000)
    assert len(set(names)) == 2_000
    assert names[:3] == ["x", "x-2", "x-3"]
    assert distinct(["\u00e9", "e\u0301", "E\u0301", "É-2"])[1:3] == ["e\u0301-2", "E\u0301-3"]
    assert Counted.made <= 3 * 2_000 + 9


# ---- reports ---------------------------------------------------------------------------------------


def convlab(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, math.inf, math.nan, 5e-324, 10**300])
def test_one_absurd_figure_costs_that_figure(tmp_path: Path, value: float) -> None:
    bad = a_grade("mallory", right=True)
    training = a_grade("ann", right=True).training
    assert training is not None
    absurd = training.model_copy(update={"losses": (value, 1.0), "accuracies": (value, value)})
    if math.isfinite(value):  # the grader itself counts these
        absurd = absurd.model_copy(update={"averaged_accuracy": value, "accuracy": value})
    write(tmp_path, a_grade("ann", right=True), bad.model_copy(update={"training": absurd}))
    result = convlab("report", tmp_path)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "ann/feedback.html").exists()
    assert (tmp_path / "report.html").exists()
    if math.isfinite(value) and abs(value) > 1e6:
        assert "out of range" in (tmp_path / "mallory/feedback.html").read_text()


def test_what_cannot_be_shown_is_named_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.report import feedback, overview

    def fail_for(function: Any) -> Any:
        def made(given: Any, *more: Any) -> Any:
            grades = given.grades if isinstance(given, Results) else {given.submission: given}
            if "mallory" in grades:
                raise Unforeseen("bad <row>")
            return function(given, *more)

        return made

    monkeypatch.setattr(feedback, "feedback_page", fail_for(feedback.feedback_page))
    monkeypatch.setattr(overview, "overview_page", fail_for(overview.overview_page))
    write(tmp_path, a_grade("ann"), a_grade("mallory"), a_grade("zoe"))
    result = convlab("report", tmp_path)
    assert result.exit_code == 3
    assert "mallory: cannot be shown: Unforeseen: bad <row>" in result.output
    page = (tmp_path / "report.html").read_text()
    assert "mallory: cannot be shown" in page
    assert "zoe/feedback.html" in page
    assert (tmp_path / "zoe/feedback.html").exists()
    assert "mallory" in (tmp_path / "grades-canvas.csv").read_text()


@pytest.mark.parametrize("place", ["lms._in_canvas", "lms._in_gradescope", "lms.members"])
def test_a_row_that_cannot_be_made_costs_that_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from autograder.report import lms

    name = place.rpartition(".")[2]
    usual = getattr(lms, name)

    def fail(*given: Any) -> Any:
        if any("mallory" in str(one) for one in given):
            raise Unforeseen("no row")
        return usual(*given)

    write(tmp_path, a_grade("ann"), a_grade("mallory"), a_grade("zoe"))
    (tmp_path / "grades.csv").unlink(missing_ok=True)
    assert convlab("report", tmp_path).exit_code == 0
    tables = "grades-canvas.csv", "grades-gradescope.csv"
    before = {table: (tmp_path / table).read_text().splitlines() for table in tables}
    monkeypatch.setattr(lms, name, fail)
    result = convlab("report", tmp_path)
    assert result.exit_code == 3, result.output
    assert "mallory: cannot be shown: Unforeseen: no row" in result.output
    for table in tables:
        now = (tmp_path / table).read_text().splitlines()
        others = [line for line in before[table] if "mallory" not in line]
        assert [line for line in now if "mallory" not in line] == others
        assert sum("mallory" in line for line in now) == 1


def test_a_row_of_grades_that_cannot_be_made_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.gradebook import table

    usual = table._who

    def fail(student: Student | None) -> list[str]:
        if student is not None and student.id == "mallory":
            raise Unforeseen("no row")
        return usual(student)

    monkeypatch.setattr(table, "_who", fail)
    people = {name: Student(id=name) for name in ("ann", "mallory")}
    rows = [(name, a_grade(name).model_copy(update={"student": people[name]})) for name in people]
    found = {row["submission"]: row for row in csv.DictReader(io.StringIO(grades_csv(rows, ["q1_1"])))}
    assert found["mallory"]["problem"] == "this row cannot be shown: Unforeseen: no row"
    assert found["ann"]["problem"] == ""
    assert found["ann"]["student"] == "ann"


FLOATS = st.floats() | st.sampled_from([1.7e308, -1.7e308, math.inf, -math.inf, math.nan, 0.0, 1e-320])
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "a;=b", "<script>", "\x00", "\u202e", "x" * 9_000, "|" * 99]
)


@pytest.mark.slow
@tries(25)
@given(FLOATS, FLOATS, st.lists(FLOATS, max_size=3), TEXTS, TEXTS)
def test_any_grade_that_can_be_read_leaves_the_others_theirs(
    tmp_path_factory: pytest.TempPathFactory,
    score: float,
    accuracy: float,
    losses: list[float],
    text: str,
    answer: str,
) -> None:
    folder = write(tmp_path_factory.mktemp("any"), a_grade("ann"), a_grade("mallory", answer=answer))
    path = folder / "mallory" / "grade.json"
    data = json.loads(path.read_text())
    training = json.loads(a_grade("ann", right=True).to_json())["training"] or {}
    data["training"] = {**training, "losses": losses, "accuracies": losses, "averaged_accuracy": accuracy}
    data["questions"][0]["checks"][0].update(message=text, score=score)
    data["student"] = {"id": text, "name": text, "platform_id": answer, "platform": "canvas"}
    data["notes"] = [text]
    path.write_text(json.dumps(data))
    for command in (("report", folder), ("written", "collect", folder)):
        result = convlab(*command)
        assert result.exit_code in (0, 2, 3), result.output
        assert "Traceback" not in result.output
    assert "ann" in (folder / "report.html").read_text()
    assert (folder / "ann/feedback.html").exists()
    assert "ann" in (folder / "written.csv").read_text()


@tries(30)
@given(
    st.binary(max_size=80)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_bytes_for_a_grade_cost_that_row(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = write(tmp_path_factory.mktemp("bytes"), a_grade("ann"))
    (folder / "mallory").mkdir()
    (folder / "mallory" / "grade.json").write_bytes(data)
    results = read_results(folder)
    assert set(results.grades) == {"ann"}
    assert "mallory" in results.broken


def test_an_undecodable_name_in_the_results(tmp_path: Path) -> None:
    write(tmp_path, a_grade("ann"))
    odd = tmp_path / "odd\udcff"
    odd.mkdir()
    (odd / "grade.json").write_text(a_grade("odd").to_json())
    assert convlab("report", tmp_path).exit_code == 0
    assert "odd%FF/feedback.html" in (tmp_path / "report.html").read_text()


def test_one_text_that_cannot_be_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.report import similarity

    usual = similarity._document

    def fail(name: str, *more: Any, **others: Any) -> Any:
        if name == "b":
            raise Unforeseen("hm")
        return usual(name, *more, **others)

    monkeypatch.setattr(similarity, "_document", fail)
    found = compare({name: {"model.py": "x = 1\n"} for name in "abc"}, {}, {})
    assert (found.compared, found.faults) == (2, ("b: Unforeseen: hm",))


def test_a_download_is_compared_person_by_person(tmp_path: Path) -> None:
    files = {f"doe{n}_{n}_7_model.py": b"" for n in range(1, 4)} | {"x_9_8_lab.zip": b"no zip"}
    found = look(zipped(tmp_path / "c.zip", files), None, lab())
    assert found.compared == 3
    assert len(found.problems) == 1


# ---- tables ----------------------------------------------------------------------------------------

WILD = st.text(
    st.sampled_from("=+-@|%;,\t\r\n\"' ax1＝＋－＠；﹦⁺") | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
SEPARATORS = ",;\t|"
NUMBER = r"[-+]?[0-9.,]+"


def formulas(text: str) -> list[str]:
    """The cells, of all separators, that begin as a formula does, line by line as well as in the whole."""
    found = []
    for separator in SEPARATORS:
        for part in (*([line] for line in text.splitlines()), text.splitlines(keepends=True)):
            for row in csv.reader(part, delimiter=separator):
                found += [one for one in row if one[:1] in tuple("=+-@\t\r＝＋－＠") and one]
    return found


@tries(400)
@given(st.lists(st.lists(WILD, min_size=1, max_size=4), min_size=1, max_size=3))
@example([["0\x0c="]])
@example([["0\u2028 =1"]])
def test_no_cell_is_a_formula_whatever_separates_them(rows: list[list[str]]) -> None:
    assert formulas(csv_text(rows)) == []


@tries(400)
@given(WILD)
@example("0\x0c'=")
def test_marks_are_taken_back(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    assert unmarked(inert(text)) == plain


@tries(60)
@given(WILD, WILD, WILD)
def test_every_table_is_inert(name: str, student: str, own: str) -> None:
    person = Student(id=own, name=student, platform="canvas", platform_id=own)
    grade = a_grade("x").model_copy(update={"submission": name, "student": person})
    results = Results(Path("out"), {name: grade}, {f"{name}!": student})
    for text in (
        grades_csv([(name, grade), ("y", student)], ["q1_1"]),
        canvas_csv(results, own),
        gradescope_csv(results),
    ):
        assert formulas(text) == []


@pytest.mark.parametrize(
    "name", ["bob;=cmd|calc!A0", "a\t=1", "a,+1", 'a;"=1', "a;  -1", "a|@x", "a；＝1", "＝1", "a;\n=1"]
)
def test_known_formulas(name: str) -> None:
    assert formulas(csv_text([[cell(name), "1"]])) == []
    assert formulas(grades_csv([(name, a_grade("x"))], [])) == []


def test_a_name_with_a_formula_is_found_again(tmp_path: Path) -> None:
    name = "bob;=cmd"
    write(tmp_path, a_grade("ann"), a_grade(name))
    assert convlab("written", "collect", tmp_path).exit_code == 0
    table = tmp_path / "written.csv"
    assert formulas(table.read_text()) == []
    rows = list(csv.reader(io.StringIO(table.read_text())))
    rows = [[*row[:2], "1", "good; -1 for style"] if row[1] == "q2_3" else row for row in rows]
    table.write_text(csv_text(rows[:1]) + "".join('"' + '","'.join(row) + '"\n' for row in rows[1:]))
    result = convlab("written", "apply", tmp_path, table)
    assert result.exit_code == 0, result.output
    assert read_results(tmp_path).grades[name].question("q2_3").comment == "good; -1 for style"
    (tmp_path / "grades.csv").write_text(grades_csv([("a;=1", "no; =zip")], []))
    assert read_results(tmp_path).unreadable == {"a;=1": "no; =zip"}
