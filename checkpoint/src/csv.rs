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
}
