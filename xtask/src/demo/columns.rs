//! Two lists of lines beside each other.

use std::env;
use std::fmt::Write;

/// What to expect of a terminal that does not tell.
const USUAL_WIDTH: usize = 100;

type Column<'a> = (&'a str, &'a [String]);

/// A table as wide as its lines, or none if the terminal is narrower.
pub fn beside(left: Column<'_>, right: Column<'_>) -> Option<String> {
    let told = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    within(told.unwrap_or(USUAL_WIDTH), left, right)
}

fn within(width: usize, left: Column<'_>, right: Column<'_>) -> Option<String> {
    let left_width = widest(left);
    if left_width + " | ".len() + widest(right) > width {
        return None;
    }
    let mut table = String::new();
    let mut row = |left: &str, right: &str| {
        let line = format!("{left:left_width$} | {right}");
        writeln!(table, "{}", line.trim_end()).expect("a String takes all text");
    };
    row(left.0, right.0);
    row(&"-".repeat(left_width), &"-".repeat(widest(right)));
    for index in 0..left.1.len().max(right.1.len()) {
        let cell = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
        row(&cell(left.1), &cell(right.1));
    }
    Some(table)
}

fn widest((name, lines): Column<'_>) -> usize {
    let texts = lines.iter().map(String::as_str).chain([name]);
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_wide_as_its_lines() {
        let lines = |lines: &[&str]| {
            lines
                .iter()
                .map(|&line| line.to_owned())
                .collect::<Vec<_>>()
        };
        let (left, right) = (lines(&["open", "done"]), lines(&["open"]));
        let table = within(8, ("l", &left), ("r", &right));
        assert_eq!(within(10, ("l", &left), ("r", &right)), None);
        assert_eq!(
            within(11, ("l", &left), ("r", &right)).as_deref(),
            Some("l    | r\n---- | ----\nopen | open\ndone |\n")
        );
        assert_eq!(table, None);
    }
}
