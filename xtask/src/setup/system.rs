//! What the operating system's packages bring: a linker, browsers and their drivers, servers.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::{Need, announce, as_root};
use crate::browser::Browser;
use crate::process;
use crate::project::Project;
use crate::windows::WINE;

struct Part {
    need: Need,
    name: &'static str,
    is_there: fn(&Project) -> bool,
    /// Debian's package; on other systems its name says what to look for.
    package: &'static str,
}

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { need: Need::OpenSsl, name: "pkg-config", is_there: |p| finds(p, "pkg-config"), package: "pkg-config" },
    Part { need: Need::OpenSsl, name: "OpenSSL's headers", is_there: has_openssl_headers, package: "libssl-dev" },
    Part { need: Need::Chromium, name: "Chromium or Chrome", is_there: |p| Browser::Chromium.is_there(p), package: "chromium" },
    Part { need: Need::Drivers, name: "chromedriver", is_there: |p| finds(p, "chromedriver"), package: "chromium-driver" },
    Part { need: Need::Counterparts, name: "the program openssl", is_there: |p| finds(p, "openssl"), package: "openssl" },
    Part { need: Need::Drivers, name: "Firefox", is_there: |p| Browser::Firefox.is_there(p), package: "firefox-esr" },
    Part { need: Need::Counterparts, name: "nginx", is_there: |p| finds(p, "nginx") || finds(p, "/usr/sbin/nginx"), package: "nginx" },
    Part { need: Need::Counterparts, name: "Squid with TLS", is_there: has_squid, package: "squid-openssl" },
    Part { need: Need::Counterparts, name: "Tinyproxy", is_there: |p| finds(p, "tinyproxy"), package: "tinyproxy-bin" },
    Part { need: Need::Counterparts, name: "Microsocks", is_there: |p| finds(p, "microsocks"), package: "microsocks" },
    Part { need: Need::Counterparts, name: "mosquitto", is_there: |p| finds(p, "mosquitto") || finds(p, "/usr/sbin/mosquitto"), package: "mosquitto" },
    Part { need: Need::Counterparts, name: "Redis", is_there: |p| finds(p, "redis-server"), package: "redis-server" },
    Part { need: Need::Counterparts, name: "strace", is_there: |p| finds(p, "strace"), package: "strace" },
    Part { need: Need::OtherSystems, name: "a C compiler for Windows", is_there: |p| finds(p, "x86_64-w64-mingw32-gcc"), package: "gcc-mingw-w64-x86-64" },
    Part { need: Need::Wine, name: "Wine", is_there: |p| finds(p, WINE), package: "wine64" },
    Part { need: Need::Valgrind, name: "Valgrind", is_there: |p| finds(p, "valgrind"), package: "valgrind" },
    Part { need: Need::QtWebSockets, name: "a C++ compiler", is_there: |p| finds(p, "c++"), package: "g++" },
    Part { need: Need::QtWebSockets, name: "Qt WebSockets", is_there: has_qt_websockets, package: "qt6-websockets-dev" },
    Part { need: Need::NodePackages, name: "Node.js with npm", is_there: |p| finds(p, "npm"), package: "npm" },
    Part { need: Need::PythonPackages, name: "Python 3.9 or newer with venv", is_there: has_python, package: "python3-venv" },
];

pub fn install(project: &Project, needs: &[Need]) -> Result<()> {
    let missing = |part: &&Part| needs.contains(&part.need) && !(part.is_there)(project);
    let wanted: Vec<&Part> = PARTS.iter().filter(missing).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = wanted.iter().map(|part| part.package).collect();
    let names = |parts: &[&Part]| {
        parts
            .iter()
            .map(|part| part.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    ensure!(
        has_apt(project),
        "please install: {} (on Debian the packages {})",
        names(&wanted),
        packages.join(" "),
    );
    apt_install(project, &packages)?;
    let left: Vec<&Part> = wanted.into_iter().filter(missing).collect();
    ensure!(
        left.is_empty(),
        "still not there, please install: {}",
        names(&left)
    );
    Ok(())
}

/// Installs Debian packages, which is said first. What goes wrong comes on their standard error.
pub fn apt_install(project: &Project, packages: &[&str]) -> Result<()> {
    announce(&format!(
        "installs the Debian packages {}",
        packages.join(" ")
    ));
    process::run(as_root(project, "apt-get").args(["-qq", "update"]))
        .context("Debian's package lists could not be fetched")?;
    let mut install = as_root(project, "sh");
    install.args(["-c", APT_INSTALL, "sh"]).args(packages);
    process::run(install.stdout(Stdio::null()))
}

/// Debian starts the services of what it installs, unless this file forbids it.
const APT_INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if ! [ -e $policy ]; then
    trap "rm -f $policy" EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
fi
DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@"
"#;

pub fn has_apt(project: &Project) -> bool {
    finds(project, "apt-get")
}

fn finds(project: &Project, program: &str) -> bool {
    project.find(program).is_some()
}

/// Elsewhere the platform's own TLS library is linked.
fn has_openssl_headers(project: &Project) -> bool {
    !cfg!(target_os = "linux")
        || process::succeeds(project.command("pkg-config").args(["--exists", "openssl"]))
}

fn has_qt_websockets(project: &Project) -> bool {
    process::succeeds(
        project
            .command("pkg-config")
            .args(["--exists", "Qt6WebSockets"]),
    )
}

/// Debian has a Squid without TLS, too.
fn has_squid(project: &Project) -> bool {
    ["squid", "/usr/sbin/squid"].into_iter().any(|squid| {
        finds(project, squid)
            && process::output(project.command(squid).arg("-v"))
                .is_ok_and(|version| version.contains("--with-openssl"))
    })
}

fn has_python(project: &Project) -> bool {
    let test = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))";
    process::succeeds(project.command("python3").args(["-c", test]))
}
