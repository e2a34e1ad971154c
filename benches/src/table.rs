//! The table of the goals.

use std::fmt;

/// How our figure must compare with the other one.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// Ours divided by the other one.
    AtMost(f64),
    /// The other one divided by ours: how many times as fast we are.
    AtLeast(f64),
}

#[derive(Debug)]
pub struct Row {
    pub goal: u8,
    pub figure: String,
    pub unit: &'static str,
    /// Who of us, if there is more than one.
    pub who: &'static str,
    pub ours: f64,
    /// What ours is compared with.
    pub other: Option<(&'static str, f64)>,
    pub bound: Bound,
}

impl Row {
    fn ratio(&self) -> f64 {
        match (&self.other, self.bound) {
            (None, _) => self.ours,
            (Some((_, other)), Bound::AtMost(_)) => self.ours / other,
            (Some((_, other)), Bound::AtLeast(_)) => other / self.ours,
        }
    }

    /// Whether the goal is met, to the two digits that are shown.
    pub fn is_met(&self) -> bool {
        let ratio = (self.ratio() * 100.0).round() / 100.0;
        match self.bound {
            Bound::AtMost(bound) => ratio <= bound,
            Bound::AtLeast(bound) => ratio >= bound,
        }
    }

    fn cells(&self) -> [String; 8] {
        let (name, other) = match &self.other {
            Some((name, other)) => ((*name).to_owned(), figure(*other)),
            None => Default::default(),
        };
        let bound = match self.bound {
            Bound::AtMost(bound) => format!("≤ {bound}"),
            Bound::AtLeast(bound) => format!("≥ {bound}"),
        };
        [
            self.goal.to_string(),
            format!("{}, {}", self.figure, self.unit),
            self.who.to_owned(),
            figure(self.ours),
            [other, name].join(" ").trim().to_owned(),
            match self.other {
                Some(_) => format!("{:.2}", self.ratio()),
                None => String::new(),
            },
            bound,
            if self.is_met() { "met" } else { "NOT MET" }.to_owned(),
        ]
    }
}

const HEAD: [&str; 8] = [
    "",
    "figure",
    "",
    "ours",
    "compared with",
    "ratio",
    "goal",
    "",
];

/// Shows all rows in one table.
pub struct Table(pub Vec<Row>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.0.iter().map(Row::cells));
        let width = |column: usize| {
            let lengths = lines.iter().map(|line| line[column].chars().count());
            lengths.max().unwrap_or_default()
        };
        let widths: [usize; HEAD.len()] = std::array::from_fn(width);
        for line in &lines {
            for (cell, width) in line.iter().zip(widths) {
                write!(f, "{cell:width$}  ")?;
            }
            writeln!(f)?;
        }
        Ok(())
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
