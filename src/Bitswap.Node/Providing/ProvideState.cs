using System.Globalization;
using System.Text.Json;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Providing;

/// <summary>
/// When each part of the space of keys was last announced, so that a node that is started again goes on where it was. A repository keeps it in <c>provide.json</c>,
/// <c>{"version":1,"strategy":"Pinned","epoch":"...","sweepStarted":"...","sweepEnded":"...","announced":[1767322800,...]}</c> with a Unix time in seconds for each part and 0 for never, which is
/// replaced whole; a node in memory keeps it in memory. Not thread-safe.
/// </summary>
internal sealed class ProvideState
{
    /// <summary>The name of the file in a repository.</summary>
    public const string FileName = "provide.json";

    private const int Version = 1;
    private const string Unfinished = ".provide-*.tmp";

    // a number and a comma a part, and a little more
    private const long MaxLength = 64 << 10;

    // the time of day may be set back
    private static readonly TimeSpan _leeway = TimeSpan.FromMinutes(5);

    private readonly string? _path;
    private readonly ProvideStrategy _strategy;
    private readonly long[] _announced = new long[ProvideSchedule.Parts];
    private DateTimeOffset _epoch;

    /// <summary>Reads what was kept, or begins anew where there is nothing, or another strategy was kept.</summary>
    /// <param name="repository">The folder of the repository; null where nothing is written: for a node in memory, or where nothing can be.</param>
    /// <param name="strategy">What is announced.</param>
    /// <param name="now">The time.</param>
    /// <param name="log">Told of a file that cannot be read.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public ProvideState(string? repository, ProvideStrategy strategy, DateTimeOffset now, ILogger log)
    {
        _strategy = strategy;
        _epoch = now;
        if (repository is null)
        {
            return;
        }

        _path = Path.Combine(repository, FileName);
        foreach (string unfinished in Directory.EnumerateFiles(repository, Unfinished))
        {
            File.Delete(unfinished);
        }

        try
        {
            if (File.Exists(_path))
            {
                Read(now);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            log.ProvideFileUnreadable(_path, error.Message);
            Array.Clear(_announced);
            (_epoch, SweepStarted, SweepEnded) = (now, null, null);
        }
    }

    /// <summary>Gets a time at which the first part has its turn.</summary>
    public DateTimeOffset Epoch => _epoch;

    /// <summary>Gets when the last pass over all parts began, which may be going on.</summary>
    public DateTimeOffset? SweepStarted { get; private set; }

    /// <summary>Gets when it ended; null while it goes on.</summary>
    public DateTimeOffset? SweepEnded { get; private set; }

    /// <summary>Returns when a part was announced; null for never, or where that would be in the future.</summary>
    public DateTimeOffset? AnnouncedAt(int part, DateTimeOffset now) =>
        _announced[part] == 0 || DateTimeOffset.FromUnixTimeSeconds(_announced[part]) is var at && at > now + _leeway ? null : DateTimeOffset.FromUnixTimeSeconds(_announced[part]);

    /// <summary>Notes that a part was announced.</summary>
    /// <returns>Whether a pass over all parts ended with it.</returns>
    public bool Note(int part, DateTimeOffset now)
    {
        if (SweepStarted is null || SweepStarted > now + _leeway || SweepEnded is not null)
        {
            (SweepStarted, SweepEnded) = (now, null);
        }

        _announced[part] = now.ToUnixTimeSeconds();
        long started = SweepStarted.Value.ToUnixTimeSeconds();
        if (Array.Exists(_announced, at => at < started))
        {
            return false;
        }

        SweepEnded = now;
        return true;
    }

    /// <summary>Notes that something in a part was not announced, so that it is due.</summary>
    public void Forget(int part) => _announced[part] = 0;

    /// <summary>Returns what is kept of it; null where nothing is.</summary>
    /// <param name="isPending">Whether something in a part waits to be announced: a node that ends before that announces it when it is started again.</param>
    public byte[]? Encode(Func<int, bool> isPending)
    {
        if (_path is null)
        {
            return null;
        }

        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteString("strategy", _strategy.ToString());
            Write(writer, "epoch", _epoch);
            Write(writer, "sweepStarted", SweepStarted);
            Write(writer, "sweepEnded", SweepEnded);
            writer.WriteStartArray("announced");
            for (int part = 0; part < _announced.Length; part++)
            {
                writer.WriteNumberValue(isPending(part) ? 0 : _announced[part]);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return content.ToArray();
    }

    /// <summary>Keeps what <see cref="Encode"/> returned. Not to be called twice at once; the rest may be used beside it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(ReadOnlySpan<byte> encoded)
    {
        string unfinished = Unfinished.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
        OwnFile.Replace(_path!, Path.Combine(Path.GetDirectoryName(_path)!, unfinished), encoded, overwrite: true);
    }

    private void Read(DateTimeOffset now)
    {
        if (new FileInfo(_path!).Length > MaxLength)
        {
            throw new FormatException("It is longer than any such file.");
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_path!));
        JsonElement root = json.RootElement;
        if (root.GetProperty("version").GetInt32() != Version)
        {
            throw new FormatException("Its version is not known.");
        }

        if (root.GetProperty("strategy").GetString() != _strategy.ToString())
        {
            // other blocks were announced than are to be
            return;
        }

        JsonElement announced = root.GetProperty("announced");
        if (announced.GetArrayLength() != _announced.Length)
        {
            throw new FormatException("It has not one time for each part.");
        }

        int part = 0;
        long last = (now + _leeway).ToUnixTimeSeconds();
        foreach (JsonElement at in announced.EnumerateArray())
        {
            _announced[part++] = at.GetInt64() is var time && time >= 0 && time <= last ? time : 0;
        }

        _epoch = Time(root, "epoch") is { } epoch && epoch <= now + _leeway ? epoch : throw new FormatException("It has no epoch, or one of the future.");
        SweepStarted = Time(root, "sweepStarted");
        SweepEnded = Time(root, "sweepEnded");
    }

    private static DateTimeOffset? Time(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement text) ? DateTimeOffset.ParseExact(text.GetString() ?? "", "O", CultureInfo.InvariantCulture) : null;

    private static void Write(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            writer.WriteString(name, at.ToString("O", CultureInfo.InvariantCulture));
        }
    }
}
