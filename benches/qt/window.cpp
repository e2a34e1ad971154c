// Echoes with QWebSocket: each answer lets the next message go, with `window` under way.
// Usage: window <port> <window> <size> <count>; prints nanoseconds that went by, and of processor.

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QUrl>
#include <QWebSocket>

#include <cstdio>
#include <sys/resource.h>

static long long cpuTime()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const auto nanoseconds = [](const timeval &time) {
        return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
    };
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    if (arguments.size() != 5)
        return 2;
    const int window = arguments[2].toInt();
    const QByteArray message(arguments[3].toInt(), 'x');
    const long long count = arguments[4].toLongLong();
    const long long warmUp = count / 10;

    QWebSocket socket;
    QElapsedTimer timer;
    long long cpu = 0;
    long long sent = 0;
    long long received = 0;
    const auto send = [&] {
        socket.sendBinaryMessage(message);
        ++sent;
    };
    QObject::connect(&socket, &QWebSocket::connected, [&] {
        while (sent < window)
            send();
    });
    QObject::connect(&socket, &QWebSocket::binaryMessageReceived, [&](const QByteArray &) {
        ++received;
        if (received == warmUp) {
            cpu = cpuTime();
            timer.start();
        }
        if (sent < warmUp + count)
            send();
        if (received == warmUp + count) {
            std::printf("%lld %lld\n", timer.nsecsElapsed(), cpuTime() - cpu);
            std::fflush(stdout);
            application.exit();
        }
    });
    QObject::connect(&socket, &QWebSocket::disconnected, [&] { application.exit(1); });
    socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/echo").arg(arguments[1])));
    return application.exec();
}
