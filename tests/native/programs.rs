//! Proxies and servers that nobody here wrote, as programs of the system: `cargo xtask setup`
//! installs them.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use crate::tls::Files;

/// Whom the programs let through.
pub(crate) const USER: &str = "user";
pub(crate) const PASSWORD: &str = "pass";

/// The password as Apache's MD5.
const HASH: &str = "$apr1$shadow$PUEBGiSMhF1/BdEOuPyPI/";

/// A name that Squid alone resolves, to 127.0.0.1.
pub(crate) const TARGET: &str = "target.test";

/// More than any of them takes to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running program; it ends with this value.
pub(crate) struct Program {
    child: Child,
    dir: Dir,
    port: u16,
}

/// How Squid wants to know who comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Squid {
    Basic,
    Digest,
}

impl Program {
    /// Squid, which can do all an HTTP proxy can, reached by TLS if there is a certificate.
    pub(crate) fn squid(kind: Squid, certificate: Option<&Files>) -> Program {
        let dir = Dir::new();
        let users = match kind {
            Squid::Basic => dir.write("users", &format!("{USER}:{HASH}\n")),
            Squid::Digest => dir.write("users", &format!("{USER}:{PASSWORD}\n")),
        };
        let helper = match kind {
            Squid::Basic => "basic program /usr/lib/squid/basic_ncsa_auth",
            Squid::Digest => "digest program /usr/lib/squid/digest_file_auth",
        };
        let scheme = format!("{kind:?}").to_lowercase();
        let hosts = dir.write("hosts", &format!("127.0.0.1 localhost {TARGET}\n"));
        let port = free_port();
        let listen = match certificate {
            None => format!("http_port 127.0.0.1:{port}"),
            Some(files) => {
                // Squid gives up the rights of root before it reads them.
                let [certificate, key] = [(0, "certificate"), (1, "key")].map(|(index, name)| {
                    dir.write(name, &fs::read_to_string(&files[index]).unwrap())
                });
                format!("https_port 127.0.0.1:{port} tls-cert={certificate} tls-key={key}")
            }
        };
        let config = format!(
            "{listen}\n\
             auth_param {helper} {users}\n\
             auth_param {scheme} children 1 startup=1\n\
             auth_param {scheme} realm shadow\n\
             acl known proxy_auth REQUIRED\n\
             http_access allow known\n\
             http_access deny all\n\
             hosts_file {hosts}\n\
             visible_hostname localhost\n\
             pid_filename none\n\
             netdb_filename none\n\
             pinger_enable off\n\
             cache deny all\n\
             cache_mem 8 MB\n\
             memory_cache_shared off\n\
             max_filedescriptors 1024\n\
             access_log none\n\
             cache_log /dev/stderr\n"
        );
        let config = dir.write("squid.conf", &config);
        Program::start("squid", &["-N", "-f", &config], dir, port)
    }

    /// Tinyproxy, which closes the connection when it refuses.
    pub(crate) fn tinyproxy(with_login: bool) -> Program {
        let (dir, port) = (Dir::new(), free_port());
        let mut config = format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n");
        if with_login {
            config += &format!("BasicAuth {USER} {PASSWORD}\n");
        }
        let config = dir.write("tinyproxy.conf", &config);
        Program::start("tinyproxy", &["-d", "-c", &config], dir, port)
    }

    /// Microsocks, a SOCKS5 proxy.
    pub(crate) fn microsocks(with_login: bool) -> Program {
        let port = free_port();
        let port_text = port.to_string();
        let mut arguments = vec!["-i", "127.0.0.1", "-p", &port_text];
        if with_login {
            arguments.extend(["-u", USER, "-P", PASSWORD]);
        }
        Program::start("microsocks", &arguments, Dir::new(), port)
    }

    /// nginx in front of a WebSocket server, with Basic authentication.
    pub(crate) fn nginx(server: u16, certificate: Option<&Files>) -> Program {
        let dir = Dir::new();
        let users = dir.write("users", &format!("{USER}:{{PLAIN}}{PASSWORD}\n"));
        let login = format!("auth_basic shadow; auth_basic_user_file {users};");
        let tls = certificate.map(|[certificate, key]| {
            format!("ssl_certificate {certificate}; ssl_certificate_key {key};")
        });
        Program::nginx_in(dir, server, tls.as_deref(), &login)
    }

    /// nginx in front of a WebSocket server, with these directives about TLS.
    pub(crate) fn nginx_with_tls(server: u16, tls: &str) -> Program {
        Program::nginx_in(Dir::new(), server, Some(tls), "")
    }

    fn nginx_in(dir: Dir, server: u16, tls: Option<&str>, login: &str) -> Program {
        let port = free_port();
        let root = dir.path("");
        let listen = match tls {
            Some(tls) => format!("listen 127.0.0.1:{port} ssl; {tls}"),
            None => format!("listen 127.0.0.1:{port};"),
        };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {root}/{name}; "))
            .concat();
        let config = format!(
            "daemon off; master_process off; pid {root}/pid; error_log stderr;\n\
             events {{}}\n\
             http {{\n\
             access_log off; {temporary}\n\
             server {{\n\
             {listen}\n\
             {login}\n\
             location / {{\n\
             proxy_pass http://127.0.0.1:{server}; proxy_http_version 1.1;\n\
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n\
             }} }} }}\n"
        );
        let config = dir.write("nginx.conf", &config);
        Program::start(
            "nginx",
            &["-p", &root, "-e", "stderr", "-c", &config],
            dir,
            port,
        )
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn start(name: &str, arguments: &[&str], dir: Dir, port: u16) -> Program {
        let log = fs::File::create(dir.path("log")).unwrap();
        let child = Command::new(find(name))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}; run `cargo xtask setup`"));
        let mut program = Program { child, dir, port };
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let has_ended = program.child.try_wait().unwrap().is_some();
            if has_ended || begin.elapsed() > PATIENCE {
                let log = fs::read_to_string(program.dir.path("log")).unwrap_or_default();
                panic!("{name} does not start: {log}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory that anybody may read; it is gone with this value.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Dir {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = env::temp_dir().join(format!("qwebsocket-{}-{count}", process::id()));
        fs::create_dir_all(&dir).unwrap();
        Dir(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// System administrators' programs are not in everybody's `PATH`.
fn find(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}

/// A port that is free now, for programs that do not choose one themselves.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
