use std::error::Error;

/// Asserts that no text of an error's chain of sources has another one in it, so that whoever prints
/// the chain repeats nothing; returns the texts in lower case.
pub fn assert_said_once(error: &dyn Error) -> Vec<String> {
    let mut texts = vec![error.to_string().to_lowercase()];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string().to_lowercase());
        source = error.source();
    }
    for (index, text) in texts.iter().enumerate() {
        let others = texts[..index].iter().chain(&texts[index + 1..]);
        let twice = others.filter(|other| other.contains(text)).count();
        assert_eq!(twice, 0, "{text:?} is said twice in {error:?}");
    }
    texts
}
