using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace Bitswap.Node.Observability;

/// <summary>
/// The log of one node in a file, and in a bounded number of older ones beside it. Who logs never waits: lines go through a bounded queue to a writer of their own, and what
/// does not fit is counted, and told of in the log.
/// </summary>
/// <remarks>Nothing of the library that writes is loaded before a file is opened.</remarks>
internal sealed class LogFile : IAsyncDisposable
{
    /// <summary>The names of the levels, the most talkative first.</summary>
    public static readonly IReadOnlyList<string> Levels = [.. Enum.GetValues<LogLevel>().Where(level => level != LogLevel.None).Select(level => level.ToString())];

    private const int Room = 8192;
    private static readonly EventId _lostId = new(1060, "LinesLost");

    private readonly Channel<LogEvent> _lines = Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly Failures _failures = new();
    private readonly TimeProvider _clock;
    private readonly LogLevel _minLevel;
    private readonly Logger _file;
    private readonly Task _writing;
    private long _lost;

    private LogFile(string path, LogLevel minLevel, long maxBytes, int maxFiles, TimeProvider clock)
    {
        Path = path;
        _minLevel = minLevel;
        _clock = clock;
        _file = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .WriteTo.Fallible(
                to => to.File(new LogLineFormat(), path, fileSizeLimitBytes: maxBytes, rollOnFileSizeLimit: true, retainedFileCountLimit: maxFiles), _failures)
            .CreateLogger();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Gets the first file. Later ones have a number before the extension.</summary>
    public string Path { get; }

    /// <summary>Lines that are not in the files, since they could not be written or the disk was too slow.</summary>
    public long Lost => Interlocked.Read(ref _lost) + _failures.Count;

    /// <summary>Gets why lines could not be written; null when all could.</summary>
    public Exception? Failure => _failures.First;

    /// <summary>Opens a log.</summary>
    /// <param name="path">The full path of the first file. What is there stays, and is added to.</param>
    /// <param name="level">One of <see cref="Levels"/>: what is less important is left out.</param>
    /// <param name="maxBytes">The most bytes of a file.</param>
    /// <param name="maxFiles">The most files.</param>
    /// <param name="clock">The clock of the lines.</param>
    /// <exception cref="BitswapException">LogFailed: the file cannot be written to.</exception>
    public static LogFile Open(string path, string level, long maxBytes, int maxFiles, TimeProvider clock)
    {
        if (Directory.Exists(path))
        {
            throw NodeErrors.LogIsFolder(path);
        }

        try
        {
            // The writer opens it when the first line comes, when it is too late to report that it cannot.
            new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read).Dispose();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw NodeErrors.LogFailed(path, cause);
        }

        return new LogFile(path, Enum.Parse<LogLevel>(level, ignoreCase: true), maxBytes, maxFiles, clock);
    }

    /// <summary>Gets what loggers of this file are made by.</summary>
    public ILoggerFactory LoggerFactory => field ??= new Factory(this);

    /// <summary>Writes what waits, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        long told = 0;
        await foreach (LogEvent line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            _file.Write(line);
            Tell();
        }

        Tell();
        await _file.DisposeAsync().ConfigureAwait(false);

        void Tell()
        {
            if (Interlocked.Read(ref _lost) is var lost && lost != told)
            {
                _file.Write(Line(LogLevel.Warning, _lostId, string.Create(CultureInfo.InvariantCulture, $"{lost - told} lines are left out: they came faster than they could be written"), null));
                told = lost;
            }
        }
    }

    private void Add(LogEvent line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    private LogEvent Line(LogLevel level, EventId id, string text, Exception? failure) => new(
        _clock.GetUtcNow(),
        (LogEventLevel)(int)level,
        failure,
        new MessageTemplate(text, [new TextToken(text)]),
        [new LogEventProperty(LogLineFormat.EventId, new ScalarValue(id.Id))]);

    private sealed class Factory(LogFile owner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new FileLogger(owner);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // The file is closed by who opened it, after the node's last line.
        }
    }

    private sealed class FileLogger(LogFile owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= owner._minLevel && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Add(owner.Line(logLevel, eventId, formatter(state, exception), exception));
            }
        }
    }

    private sealed class Failures : ILoggingFailureListener
    {
        private long _count;
        private volatile Exception? _first;

        public long Count => Interlocked.Read(ref _count);

        public Exception? First => _first;

        public void OnLoggingFailed(object sender, LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events, Exception? exception)
        {
            Interlocked.Add(ref _count, events?.Count ?? 0);
            _first ??= exception ?? new IOException(message);
        }
    }
}
