//! What both benches do.

use criterion::{BenchmarkId, Criterion, Throughput};
use qwebsocket_benches::libraries::QWebSocket;
use qwebsocket_benches::library::Library;
use qwebsocket_benches::machine::{self, Side};
use qwebsocket_benches::measure::measure;
use qwebsocket_benches::payload::{Kind, bytes};
use qwebsocket_benches::work::{Shape, Work};

const SIZES: [usize; 4] = [16, 1024, 64 * 1024, 1024 * 1024];

/// Ourselves and these, with messages of each size and kind.
pub(crate) fn all(criterion: &mut Criterion, shape: Shape, peers: &[&str], port: u16) {
    machine::pin(Side::Client);
    for kind in Kind::ALL {
        for size in SIZES {
            let name = format!("{shape} {} {}", kind.name(), bytes(size));
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Bytes(size as u64));
            for library in [QWebSocket::NAME].iter().chain(peers) {
                group.bench_function(BenchmarkId::from_parameter(library), |bencher| {
                    bencher.iter_custom(|iterations| {
                        let work = Work {
                            shape,
                            kind,
                            size,
                            count: iterations as usize,
                        };
                        let cost = measure(library, &work, port).expect("it is one of ours");
                        cost.elapsed
                    });
                });
            }
            group.finish();
        }
    }
}
