//! Rules that the sources keep.

use std::fs;
use std::path::PathBuf;

use crate::common::root;

/// The only files that may name the platform: the ground and the top.
const PLATFORM: [&str; 2] = ["src/platform.rs", "src/backend.rs"];

/// The only file that may name a runtime beside those below it, and so no public item can.
const RUNTIME: &str = "src/platform/native/runtime";

/// The only files that may hold unsafe code: text that was validated is not validated again, OpenSSL
/// is called in C, and allocators of tests count or refuse.
const UNSAFE: [&str; 5] = [
    "src/backend/native/wire/assembler.rs",
    "src/backend/native/tls/via_openssl/ffi.rs",
    "src/platform/web/payload.rs",
    "tests/allocations.rs",
    "tests/web/memory.rs",
];

/// A source file: its path below the project, and its lines without comments and strings.
struct Source {
    path: String,
    lines: Vec<String>,
}

/// All Rust sources below these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            waiting.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap();
            sources.push(Source {
                path: path.to_str().unwrap().replace('\\', "/"),
                lines: code(&text),
            });
        }
    }
    assert!(sources.len() > folders.len(), "there are sources");
    sources
}

/// The lines of a text with the contents of comments and of strings left out, apart from what
/// stands in an attribute or a macro call of `cfg`, whose strings are the point.
fn code(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_string = false;
    for line in text.lines() {
        let mut kept = String::new();
        let keeps_strings = line.contains("cfg");
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' if in_string => {
                    rest.next();
                }
                '"' => in_string = !in_string,
                '/' if !in_string && rest.peek() == Some(&'/') => break,
                // A character, such as the quotation mark, and no lifetime.
                '\'' if !in_string => {
                    let ahead: String = rest.clone().take(3).collect();
                    if ahead.starts_with('\\') {
                        rest.nth(1);
                        rest.by_ref().take_while(|c| *c != '\'').for_each(drop);
                    } else if ahead.chars().nth(1) == Some('\'') {
                        rest.nth(1);
                    }
                }
                c if !in_string || keeps_strings => kept.push(c),
                _ => {}
            }
        }
        lines.push(kept);
    }
    assert!(
        !in_string,
        "a string is taken for code, and code for a string"
    );
    lines
}

/// Whether `word` stands in `line` with nothing of a name around it.
fn has_word(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        !line[..start].ends_with(is_name) && !line[start + word.len()..].starts_with(is_name)
    })
}

/// The conditions of `cfg(…)`, `cfg!(…)` and `cfg_attr(…)`, over as many lines as they take.
fn conditions(lines: &[String]) -> Vec<String> {
    let text = lines.join(" ");
    let mut conditions = Vec::new();
    for start in ["cfg(", "cfg!(", "cfg_attr("] {
        for (at, _) in text.match_indices(start) {
            let inside = &text[at + start.len()..];
            let mut depth = 1;
            let end = inside.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            conditions.push(inside[..end.expect("it is closed")].to_owned());
        }
    }
    conditions
}

fn names_platform(condition: &str) -> bool {
    const NAMES: [&str; 6] = [
        "target_family",
        "target_arch",
        "target_os",
        "unix",
        "windows",
        "wasm",
    ];
    NAMES.iter().any(|name| condition.contains(name))
}

fn names_runtime(line: &str) -> bool {
    [
        "async_io",
        "async_net",
        "async_std",
        "smol",
        "tokio",
        "tokio_util",
    ]
    .iter()
    .any(|name| has_word(line, name))
}

/// Items that other crates see and that are there under a condition only. What the fuzz targets
/// drive is not for applications.
fn conditional_public_items(lines: &[String]) -> Vec<&str> {
    let mut items = Vec::new();
    let mut conditional = false;
    for line in lines.iter().map(|line| line.trim()) {
        if line.starts_with("#[cfg(") {
            conditional = line != "#[cfg(fuzzing)]";
        } else if line.starts_with("#[") || line.is_empty() {
            // Another attribute, or what is left of a comment.
        } else {
            if conditional && line.starts_with("pub ") {
                items.push(line);
            }
            conditional = false;
        }
    }
    items
}

/// Where `is_bad` finds something in these folders.
fn found(folders: &[&str], is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources(folders) {
        let lines = source.lines.iter().enumerate();
        let bad = lines.filter(|(_, line)| is_bad(line));
        places.extend(bad.map(|(index, line)| format!("{}:{}: {line}", source.path, index + 1)));
    }
    places
}

#[test]
fn two_files_name_the_platform() {
    for source in sources(&["src"]) {
        let conditions = conditions(&source.lines);
        let bad: Vec<_> = conditions.iter().filter(|c| names_platform(c)).collect();
        let is_clean = !PLATFORM.contains(&&*source.path);
        assert_eq!(bad.is_empty(), is_clean, "{}: {bad:?}", source.path);
    }
}

#[test]
fn one_place_names_a_runtime() {
    for source in sources(&["src"]) {
        let lines = source.lines.iter();
        let lines = lines.take_while(|line| !line.starts_with("mod tests {"));
        let bad: Vec<_> = lines.filter(|line| names_runtime(line)).collect();
        let rest = source.path.strip_prefix(RUNTIME);
        let may = rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'));
        assert!(may || bad.is_empty(), "{}: {bad:?}", source.path);
    }
}

/// Both platforms then export the same names: what is public is there on each, or on none.
#[test]
fn no_public_item_depends_on_the_platform() {
    for source in sources(&["src"]) {
        let items = conditional_public_items(&source.lines);
        assert!(items.is_empty(), "{}: {items:?}", source.path);
    }
}

#[test]
fn nothing_is_left_to_do() {
    let unfinished = [
        "todo!",
        "unimplemented!",
        "#[ignore",
        ".forget()",
        "::forget(",
    ];
    let places = found(&["src", "tests"], |line| {
        unfinished.iter().any(|text| line.contains(text))
    });
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn unsafe_code_has_its_places() {
    let mut places = found(&["src", "tests", "examples"], |line| {
        has_word(line, "unsafe")
    });
    for audited in UNSAFE {
        let before = places.len();
        places.retain(|place| !place.starts_with(audited));
        assert!(
            places.len() < before,
            "{audited} needs no exception any more"
        );
    }
    assert!(places.is_empty(), "{places:#?}");
}

/// A guard that finds nothing guards nothing.
#[test]
fn the_guards_find_what_they_look_for() {
    let platform = |text: &str| conditions(&code(text)).iter().any(|c| names_platform(c));
    for bad in [
        "#[cfg(target_family = \"wasm\")]",
        "#![cfg(not(target_arch = \"wasm32\"))]",
        "#[cfg(all(\n    feature = \"x\",\n    any(target_os = \"linux\"),\n))]",
        "if cfg!(unix) {",
        "#[cfg_attr(windows, path = \"x.rs\")]",
    ] {
        assert!(platform(bad), "{bad}");
    }
    for good in [
        "#[cfg(feature = \"tokio\")]",
        "#[cfg(test)]\nmod wasm {}",
        "// #[cfg(unix)]",
        "let cfg = \"cfg\"; // target_os",
    ] {
        assert!(!platform(good), "{good}");
    }

    let conditional = |text| conditional_public_items(&code(text)).len();
    assert_eq!(
        conditional("#[cfg(x)]\n/// Docs.\n#[must_use]\npub fn a() {}"),
        1
    );
    assert_eq!(
        conditional("#[cfg(x)]\npub(crate) fn a() {}\npub fn b() {}"),
        0
    );
    assert_eq!(conditional("#[cfg(x)]\nmod a;\npub use b;"), 0);
    assert_eq!(conditional("#[cfg(fuzzing)]\npub use a;"), 0);
    assert_eq!(conditional("#[cfg(all(fuzzing, x))]\npub use a;"), 1);

    assert!(names_runtime(
        "pub fn from(stream: tokio::net::TcpStream) {"
    ));
    assert!(!names_runtime("use async_tungstenite::tungstenite;"));

    assert!(has_word("    unsafe { x }", "unsafe"));
    assert!(!has_word("#[allow(unsafe_code)]", "unsafe"));
    assert_eq!(
        code("let a = \"unsafe // \\\" unsafe\"; // unsafe"),
        ["let a = ; "]
    );
    assert_eq!(code("'\"' 'a 'b' '\\'' unsafe"), [" a   unsafe"]);
    assert_eq!(code("\"one\ntodo!\"; two"), ["", "; two"]);
}
