"""What two programs would read differently is refused (reliability catalogue D96)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from hub.json_parser import loads


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a":1,"a":2}', "json.duplicate_key"),
        (b'[{"a":{"b":1,"b":1}}]', "json.duplicate_key"),
        (b"\xff\xfe", "json.encoding"),
        (b'"\xed\xa0\x80"', "json.encoding"),
        (b"\xef\xbb\xbf{}", "json.syntax"),
        (b'{"a":NaN}', "json.number"),
        (b'{"a":-Infinity}', "json.number"),
        (b'{"a":1e309}', "json.number"),
        (b'{"a":' + b"9" * 5000 + b"}", "json.number"),
        (b'"\\ud800"', "json.character"),
        (b'{"\\u0000":1}', "json.character"),
        (b"[" * 10_000 + b"]" * 10_000, "json.depth"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "json.depth"),
        (b"", "json.syntax"),
        (b"{'a':1}", "json.syntax"),
        (b"{} {}", "json.syntax"),
        (b'{"a":1,}', "json.syntax"),
    ],
)
def test_ambiguous_json_is_refused_with_its_reason(body, code):
    with pytest.raises(ParseError) as refused:
        loads(body, max_depth=16)

    assert refused.value.detail.code == code


def test_brackets_inside_text_are_no_nesting():
    text = '[[[["' * 20

    assert loads(b'{"a":"' + text.replace('"', '\\"').encode() + b'"}', max_depth=4) == {"a": text}


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**18), 10**18)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=3
            )
        ),
        max_leaves=8,
    )
)
def test_ordinary_json_comes_back_as_it_was_sent(value):
    assert loads(json.dumps(value).encode(), max_depth=64) == value
    assert loads(json.dumps(value, ensure_ascii=False).encode(), max_depth=64) == value
