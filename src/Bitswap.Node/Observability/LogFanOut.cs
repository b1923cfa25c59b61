using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Observability;

/// <summary>The user's logger factory, and beside it those who listen for a while. Without listeners it costs one comparison a message.</summary>
internal sealed class LogFanOut(ILoggerFactory inner) : ILoggerFactory
{
    private readonly Lock _lock = new();
    private volatile NodeLogListener[] _listeners = [];

    /// <summary>Lets a listener hear what is logged from now on.</summary>
    public void Add(NodeLogListener listener)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners, listener];
        }
    }

    /// <summary>Takes a listener away.</summary>
    public void Remove(NodeLogListener listener)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>Does nothing: the user's factory is the user's to dispose.</summary>
    public void Dispose()
    {
    }

    private sealed class Logger(LogFanOut owner, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel)
        {
            foreach (NodeLogListener listener in owner._listeners)
            {
                if (Hears(listener, logLevel))
                {
                    return true;
                }
            }

            return inner.IsEnabled(logLevel);
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }

            foreach (NodeLogListener listener in owner._listeners)
            {
                if (Hears(listener, logLevel))
                {
                    string text = formatter(state, exception);
                    listener.Hear(new NodeLogLine(eventId.Id, logLevel < LogLevel.Information, exception is null ? text : $"{text}: {exception.Message}"));
                }
            }
        }

        private static bool Hears(NodeLogListener listener, LogLevel level) =>
            level != LogLevel.None && level >= (listener.IsDetailed ? LogLevel.Debug : LogLevel.Information);
    }
}
