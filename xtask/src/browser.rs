//! Where the browsers are, and headless ones, started as the tests start them.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::Running;
use crate::project::Project;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Chromium,
    Firefox,
}

const CHROMIUM: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];
const FIREFOX: &[&str] = &["firefox", "firefox-esr"];

/// A Firefox that asks nobody for anything, and whose clock is as exact as Chromium's.
const FIREFOX_PREFERENCES: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.downloads.remote.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.prefetch-next", false);
user_pref("privacy.reduceTimerPrecision", false);
user_pref("services.settings.server", "http://127.0.0.1/");
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.server", "");
"#;

#[derive(Deserialize)]
struct WebDriver {
    #[serde(rename = "goog:chromeOptions")]
    chrome: ChromeOptions,
}

#[derive(Deserialize)]
struct ChromeOptions {
    args: Vec<String>,
}

impl Browser {
    pub fn is_there(self, project: &Project) -> bool {
        self.program(project).is_ok()
    }

    pub fn program(self, project: &Project) -> Result<PathBuf> {
        let names = match self {
            Browser::Chromium => CHROMIUM,
            Browser::Firefox => FIREFOX,
        };
        let found = names.iter().find_map(|name| project.find(name));
        found.with_context(|| format!("{self} is not there"))
    }

    /// Opens `url` in a browser that ends when the result is dropped. It keeps nothing from earlier
    /// runs: its profile is emptied first.
    pub fn open_headless(self, project: &Project, url: &str) -> Result<Running> {
        let profile = project.own.join(self.to_string().to_lowercase());
        if profile.exists() {
            fs::remove_dir_all(&profile)?;
        }
        let mut command = project.command_at(&self.program(project)?);
        match self {
            Browser::Chromium => {
                let file = project.root.join("webdriver.json");
                let text = fs::read_to_string(&file).context("cannot read webdriver.json")?;
                let options: WebDriver =
                    serde_json::from_str(&text).context("in webdriver.json")?;
                command.args(options.chrome.args);
                // For whoever measures memory.
                command.args(["--enable-precise-memory-info", "--js-flags=--expose-gc"]);
                command.arg(format!("--user-data-dir={}", profile.display()));
            }
            Browser::Firefox => {
                fs::create_dir_all(&profile)?;
                fs::write(profile.join("user.js"), FIREFOX_PREFERENCES)?;
                command.args(["--headless", "--no-remote", "--profile"]);
                command.arg(profile);
            }
        }
        Running::silent(command.arg(url))
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
