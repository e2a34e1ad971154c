//! Who may import whom: the floors of `docs/ARCHITECTURE.md`, and no circle among the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::root;

/// The modules of the crate, each with those that it imports.
struct Modules(BTreeMap<String, BTreeSet<String>>);

/// The floors, from the ground up; what is not named is vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    Platform,
    Vocabulary,
    Session,
    Reconnect,
    Backend,
    /// The facades, which name everything.
    Root,
}

fn floor(module: &str) -> Floor {
    match module.split("::").next() {
        Some("" | "prelude" | "testing") => Floor::Root,
        Some("platform") => Floor::Platform,
        Some("session") => Floor::Session,
        Some("reconnect") => Floor::Reconnect,
        Some("backend") => Floor::Backend,
        _ => Floor::Vocabulary,
    }
}

impl Modules {
    fn of_the_crate() -> Modules {
        let src = root().join("src");
        let mut files = Vec::new();
        collect(&src, &src, &mut files);
        Modules::read(&files)
    }

    /// From the names of files below `src` and their texts.
    fn read(files: &[(String, String)]) -> Modules {
        let names: BTreeSet<_> = files.iter().map(|(file, _)| module(file)).collect();
        let imports = files.iter().map(|(file, text)| {
            let from = module(file);
            let imports = uses(text).into_iter();
            let imports = imports.filter_map(|path| resolve(&from, &path, &names));
            let imports = imports.filter(|to| *to != from).collect();
            (from, imports)
        });
        Modules(imports.collect())
    }

    fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|(from, to)| to.iter().map(move |to| (&**from, &**to)))
    }

    /// Imports that lead from a floor to a higher one.
    fn climbing(&self) -> Vec<(&str, &str)> {
        let climbs = |(from, to): &(&str, &str)| floor(from) < floor(to);
        self.arrows().filter(climbs).collect()
    }

    /// Modules that import each other, directly or through others.
    fn circles(&self) -> Vec<Vec<&str>> {
        let reached: BTreeMap<_, _> = self.0.keys().map(|from| (from, self.reach(from))).collect();
        let mut circles = Vec::new();
        for (from, to) in &reached {
            let with =
                |other: &&String| to.contains(&***other) && reached[other].contains(&***from);
            let circle: Vec<_> = self.0.keys().filter(with).map(String::as_str).collect();
            if circle.first() == Some(&&***from) {
                circles.push(circle);
            }
        }
        circles
    }

    fn reach<'a>(&'a self, from: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(next) = waiting.pop() {
            for to in self.0.get(next).into_iter().flatten() {
                if reached.insert(&**to) {
                    waiting.push(to);
                }
            }
        }
        reached
    }
}

/// The sources without those that only tests have.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        let name = name.replace('\\', "/");
        let of_tests = ["tests.rs", "mock.rs"];
        if name.ends_with(".rs") && !of_tests.iter().any(|end| name.ends_with(end)) {
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The module of a file: `a/b.rs` is `a::b`, and `lib.rs` the crate itself.
fn module(file: &str) -> String {
    match file.strip_suffix(".rs").unwrap() {
        "lib" => String::new(),
        path => path.replace('/', "::"),
    }
}

/// The paths that a file imports, apart from those of its unit tests.
fn uses(text: &str) -> Vec<String> {
    let text = text.split("\nmod tests {").next().unwrap();
    let code: Vec<_> = text
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for statement in code.split(';') {
        let Some(start) = statement.rfind("use ") else {
            continue;
        };
        let before = statement[..start].trim_end();
        let is_use = before.is_empty()
            || before.ends_with([')', ']', '}', '{', '\n'])
            || before.ends_with("pub");
        // Of a module inside a file: it sees the file that it stands in.
        let of_file = statement[start..].starts_with("use super::*");
        if is_use && !of_file {
            expand("", &statement[start + 4..], &mut paths);
        }
    }
    paths
}

/// Writes `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(front: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap().trim();
        let path = format!("{front}{path}");
        paths.push(path.trim_end_matches("::self").to_owned());
        return;
    };
    let front = format!("{front}{}", &tree[..open]);
    let inside = tree[open + 1..].trim_end().strip_suffix('}').unwrap();
    let mut depth = 0;
    let parts = inside.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    for part in parts.filter(|part| !part.trim().is_empty()) {
        expand(&front, part, paths);
    }
}

/// The module that a path of this crate leads into.
fn resolve(from: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut parts: Vec<_> = path.split("::").collect();
    let mut base: Vec<_> = from.split("::").filter(|part| !part.is_empty()).collect();
    match parts[0] {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            while parts.get(1) == Some(&"super") {
                parts.remove(0);
                base.pop();
            }
            base.pop();
        }
        _ => return None,
    }
    base.extend(&parts[1..]);
    while !base.is_empty() && !modules.contains(&base.join("::")) {
        base.pop();
    }
    Some(base.join("::"))
}

#[test]
fn imports_lead_down() {
    let modules = Modules::of_the_crate();
    assert!(modules.arrows().count() > 300);
    let climbing = modules.climbing();
    assert!(climbing.is_empty(), "{climbing:#?}");
}

/// The facade `lib.rs` hides who needs whom, so nothing in the crate imports through it.
#[test]
fn imports_are_by_module() {
    let modules = Modules::of_the_crate();
    let through: Vec<_> = modules.arrows().filter(|(_, to)| to.is_empty()).collect();
    assert!(through.is_empty(), "{through:#?}");
}

#[test]
fn no_files_import_each_other() {
    let modules = Modules::of_the_crate();
    let circles = modules.circles();
    assert!(circles.is_empty(), "{circles:#?}");
}

/// A guard that finds nothing guards nothing.
#[test]
fn the_guards_find_what_they_look_for() {
    let files = |files: &[(&str, &str)]| {
        let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
        files.iter().map(owned).collect::<Vec<_>>()
    };
    let modules = Modules::read(&files(&[
        ("lib.rs", "mod a;\npub use crate::a::A;"),
        (
            "a.rs",
            "use std::fmt;\nuse crate::backend::{native::driver::Driver, Socket as S};",
        ),
        (
            "a/b.rs",
            "use super::super::A;\n#[cfg(test)]\nmod tests {\n    use crate::backend::Socket;\n}",
        ),
        ("session.rs", "pub(crate) use self::keep_alive::X;"),
        (
            "session/keep_alive.rs",
            "use super::Session; // use crate::backend::Socket;",
        ),
        (
            "backend.rs",
            "use crate::session::{self, keep_alive::{X, Y}};",
        ),
        (
            "backend/native/driver.rs",
            "fn f() {\n    use crate::session::Session;\n}",
        ),
        ("platform.rs", "use crate::session;"),
    ]));
    let climbing = [
        ("a", "backend"),
        ("a", "backend::native::driver"),
        ("a::b", ""),
        ("platform", "session"),
    ];
    assert_eq!(modules.climbing(), climbing);
    assert_eq!(modules.circles(), [["session", "session::keep_alive"]]);
    let backend = &modules.0["backend"];
    assert_eq!(backend.len(), 2, "{backend:?}");
    assert!(modules.0["backend::native::driver"].contains("session"));
}
