//! Where the browsers are, and a headless Chromium, started as the tests start it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::Running;
use crate::project::Project;

const CHROMIUM: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];
const FIREFOX: &[&str] = &["firefox", "firefox-esr"];

#[derive(Deserialize)]
struct WebDriver {
    #[serde(rename = "goog:chromeOptions")]
    chrome: ChromeOptions,
}

#[derive(Deserialize)]
struct ChromeOptions {
    args: Vec<String>,
}

pub fn find_chromium(project: &Project) -> Option<PathBuf> {
    CHROMIUM.iter().find_map(|name| project.find(name))
}

/// The same where it has to be there.
pub fn chromium(project: &Project) -> Result<PathBuf> {
    find_chromium(project).context("Chromium is not there")
}

pub fn find_firefox(project: &Project) -> Option<PathBuf> {
    FIREFOX.iter().find_map(|name| project.find(name))
}

/// Opens `url` in a browser that ends when the result is dropped. It keeps nothing from earlier
/// runs: its profile is emptied first.
pub fn open_headless(project: &Project, url: &str) -> Result<Running> {
    let file = project.root.join("webdriver.json");
    let text = fs::read_to_string(&file).context("cannot read webdriver.json")?;
    let options: WebDriver = serde_json::from_str(&text).context("in webdriver.json")?;
    let profile = project.own.join("chromium");
    if profile.exists() {
        fs::remove_dir_all(&profile)?;
    }
    let mut chromium = project.command_at(&self::chromium(project)?);
    chromium
        .args(options.chrome.args)
        .arg(format!("--user-data-dir={}", profile.display()));
    Running::silent(chromium.arg(url))
}
