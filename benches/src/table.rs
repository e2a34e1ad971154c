//! The table of all figures, and which goals are missed.

use std::fmt;

/// A figure of ours, beside the best of others.
#[derive(Debug)]
pub struct Row {
    pub cell: String,
    pub unit: &'static str,
    /// Who of us, if there is more than one.
    pub who: &'static str,
    pub ours: f64,
    pub best: Option<Best>,
    /// What ours may be at most: as a multiple of the best, if there is one.
    pub goal: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct Best {
    pub name: &'static str,
    pub value: f64,
}

impl Best {
    /// The least of what these have.
    pub fn of(figures: impl IntoIterator<Item = (&'static str, f64)>) -> Option<Best> {
        figures
            .into_iter()
            .map(|(name, value)| Best { name, value })
            .min_by(|one, other| one.value.total_cmp(&other.value))
    }
}

impl Row {
    /// What the goal is held against, to the two digits that are shown.
    fn measured(&self) -> f64 {
        let measured = match &self.best {
            Some(best) => self.ours / best.value,
            None => self.ours,
        };
        (measured * 100.0).round() / 100.0
    }

    pub fn is_missed(&self) -> bool {
        self.goal.is_some_and(|goal| self.measured() > goal)
    }

    fn cells(&self) -> [String; 7] {
        let verdict = match self.goal {
            Some(_) if self.is_missed() => "MISSED",
            Some(_) => "met",
            None => "",
        };
        let of_best = |show: fn(&Row, &Best) -> String| {
            let best = self.best.as_ref();
            best.map(|best| show(self, best)).unwrap_or_default()
        };
        [
            format!("{}, {}", self.cell, self.unit),
            self.who.to_owned(),
            figure(self.ours),
            of_best(|_, best| format!("{} {}", figure(best.value), best.name)),
            of_best(|row, _| format!("{:.2}", row.measured())),
            self.goal
                .map(|goal| format!("≤ {goal}"))
                .unwrap_or_default(),
            verdict.to_owned(),
        ]
    }
}

/// The rows of one part.
#[derive(Debug)]
pub struct Table {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

impl Table {
    /// The rows whose goal is missed.
    pub fn missed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_missed())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [self.title, "", "ours", "best", "ours / best", "goal", ""];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.rows.iter().map(Row::cells));
        let width = |column: usize| {
            let lengths = lines.iter().map(|line| line[column].chars().count());
            lengths.max().unwrap_or_default()
        };
        let widths = std::array::from_fn(width);
        let rule = widths.map(|width| "-".repeat(width));
        lines.insert(1, rule);
        for line in &lines {
            write_line(f, line, widths)?;
        }
        Ok(())
    }
}

/// One line that Markdown takes as a table's as well.
fn write_line(f: &mut fmt::Formatter<'_>, line: &[String; 7], widths: [usize; 7]) -> fmt::Result {
    for (cell, width) in line.iter().zip(widths) {
        write!(f, "| {cell:width$} ")?;
    }
    writeln!(f, "|")
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [cell, who, ours, best, ratio, goal, _] = self.cells();
        write!(f, "{cell}")?;
        if !who.is_empty() {
            write!(f, ", {who}")?;
        }
        match best.is_empty() {
            true => write!(f, ": {ours}, goal {goal}"),
            false => write!(f, ": {ratio} of {best}, goal {goal}"),
        }
    }
}

/// Three digits are enough.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
