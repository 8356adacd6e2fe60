//! Cells of comma-separated values.

/// What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), the full-width forms too.
const BEGINS_FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '＠'];

/// A cell that no spreadsheet takes for a formula, and that quotes what it must (RFC 4180).
///
/// A text that would begin a formula gets an apostrophe before it; a visitor's name comes from a code that anybody may print.
pub fn cell(text: &str) -> String {
    // Spreadsheets look past spaces.
    let risky = text.trim_start_matches(' ').starts_with(BEGINS_FORMULA);
    let text = if risky { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', ';', '"', '\n', '\r', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A line of cells, without its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    cells.into_iter().map(cell).collect::<Vec<_>>().join(",")
}

/// Takes a line apart (RFC 4180), for lists where a record is a line: a quote that is not closed spoils its own line alone.
///
/// `None` where a quote stays open, or something stands beside it, or there are more than `cells_max` cells.
pub fn cells(line: &str, separator: char, cells_max: usize) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        if cells.len() == cells_max {
            return None;
        }
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = closing_quote(quoted)?;
                (quoted[..end].replace("\"\"", "\""), &quoted[end + 1..])
            }
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                let plain = &rest[..end];
                if plain.contains('"') {
                    return None;
                }
                (plain.to_owned(), &rest[end..])
            }
        };
        cells.push(cell);
        if after.is_empty() {
            return Some(cells);
        }
        rest = after.strip_prefix(separator)?;
    }
}

/// Where the quote closes that was opened before `quoted`; a doubled one is a letter.
fn closing_quote(quoted: &str) -> Option<usize> {
    let mut quotes = quoted.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.peek() != Some(&(at + 1)) {
            return Some(at);
        }
        quotes.next();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, expected) in [
            ("HN-CK-0023", "HN-CK-0023"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+84 90", "'+84 90"),
            ("@x", "'@x"),
            ("-2", "'-2"),
            ("  =1+1", "'  =1+1"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", "'＝1"),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("=\"a\"", "\"'=\"\"a\"\"\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
        assert_eq!(line(["1", "a,b", "=x"]), "1,\"a,b\",'=x");
    }

    #[test]
    fn a_line_is_taken_apart_as_it_was_put_together() {
        let read = |line: &str| cells(line, ',', 8);
        for (line, expected) in [
            ("", Some(vec![""])),
            ("a,b", Some(vec!["a", "b"])),
            (",", Some(vec!["", ""])),
            ("\"a,b\",c", Some(vec!["a,b", "c"])),
            ("\"a\"\"b\"", Some(vec!["a\"b"])),
            ("\"\"", Some(vec![""])),
            ("\"\"\"\"", Some(vec!["\""])),
            ("a;b", Some(vec!["a;b"])),
            ("\"a", None),
            ("\"a\"\"", None),
            ("\"a\"b", None),
            ("a\"b", None),
            ("1,2,3,4,5,6,7,8,9", None),
        ] {
            let expected = expected.map(|cells| cells.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(read(line), expected, "{line:?}");
        }
        assert_eq!(cells("a;b", ';', 8).unwrap(), ["a", "b"]);
        let written = ["1", "a,b", "x\"y\"z", "", "Đỗ;Lê"];
        assert_eq!(read(&line(written)).unwrap(), written);
    }
}
