using System.Globalization;
using System.Text.Json;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Names;

/// <summary>
/// What a node has published of its names. A repository keeps each in a file in its folder <c>names</c>, <c>{"version":1,"record":"...","lifetimeSeconds":172800,"published":"..."}</c>, which is
/// replaced whole before a change counts; a node in memory keeps them in memory. Thread-safe; it writes on the caller's thread.
/// </summary>
internal sealed class PublishedNames
{
    /// <summary>The folder of a repository.</summary>
    public const string FolderName = "names";

    private const int Version = 1;
    private const string Extension = ".json";
    private const string Unfinished = ".name-*.tmp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A record in base64 and a little more.
    private const long MaxLength = 2 * IpnsRecord.MaxSize;

    private readonly Lock _lock = new();
    private readonly string? _folder;
    private readonly Dictionary<PeerId, PublishedName> _names = [];

    /// <param name="repository">The folder of the repository; null for a node in memory.</param>
    /// <param name="isReadOnly">Whether nothing is written there.</param>
    /// <param name="log">Told of files that cannot be read, which are left as they are.</param>
    public PublishedNames(string? repository, bool isReadOnly, ILogger log)
    {
        _folder = repository is null ? null : Path.Combine(repository, FolderName);
        if (_folder is null || !Directory.Exists(_folder))
        {
            return;
        }

        foreach (string unfinished in isReadOnly ? [] : Directory.EnumerateFiles(_folder, Unfinished))
        {
            File.Delete(unfinished);
        }

        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Extension))
        {
            try
            {
                PublishedName name = Read(path);
                _names.Add(name.Name, name);
            }
            catch (Exception error) when (error is BitswapException or IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException or ArgumentException)
            {
                log.NameFileUnreadable(path, error.Message);
            }
        }
    }

    /// <summary>Raised after a change, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>Returns all of them.</summary>
    public IReadOnlyList<PublishedName> List()
    {
        lock (_lock)
        {
            return [.. _names.Values];
        }
    }

    /// <summary>Returns what was published of a name; null for nothing.</summary>
    public PublishedName? Find(PeerId name)
    {
        lock (_lock)
        {
            return _names.GetValueOrDefault(name);
        }
    }

    /// <summary>Keeps what is published of a name.</summary>
    /// <exception cref="BitswapException">StoreFailed: it cannot be written, and nothing has changed.</exception>
    public void Keep(PublishedName name)
    {
        lock (_lock)
        {
            if (_folder is not null)
            {
                Write(_folder, name);
            }

            _names[name.Name] = name;
        }

        Changed?.Invoke();
    }

    /// <summary>Forgets a name, so that it is not published again.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    public void Remove(PeerId name)
    {
        lock (_lock)
        {
            if (_folder is not null && _names.ContainsKey(name))
            {
                string path = PathOf(_folder, name);
                try
                {
                    File.Delete(path);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    throw StoreErrors.Failed($"'{path}', which says what is published of a name, cannot be removed", path, error);
                }
            }

            _names.Remove(name);
        }

        Changed?.Invoke();
    }

    private static string PathOf(string folder, PeerId name) => Path.Combine(folder, IpnsName.TextOf(name) + Extension);

    private static PublishedName Read(string path)
    {
        if (new FileInfo(path).Length > MaxLength)
        {
            throw new FormatException("It is longer than any such file.");
        }

        PeerId name = PeerId.Parse(Path.GetFileNameWithoutExtension(path));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = json.RootElement;
        if (root.GetProperty("version").GetInt32() != Version)
        {
            throw new FormatException("Its version is not known.");
        }

        return new PublishedName(
            IpnsRecord.Decode(root.GetProperty("record").GetBytesFromBase64(), name),
            TimeSpan.FromSeconds(root.GetProperty("lifetimeSeconds").GetDouble()),
            root.TryGetProperty("published", out JsonElement published) ? DateTimeOffset.ParseExact(published.GetString() ?? "", "O", CultureInfo.InvariantCulture) : null);
    }

    private static void Write(string folder, PublishedName name)
    {
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteBase64String("record", name.Record.Bytes.Span);
            writer.WriteNumber("lifetimeSeconds", name.Lifetime.TotalSeconds);
            if (name.Published is { } published)
            {
                writer.WriteString("published", published.ToString("O", CultureInfo.InvariantCulture));
            }

            writer.WriteEndObject();
        }

        string path = PathOf(folder, name.Name);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly);
            }

            string unfinished = Unfinished.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal);
            OwnFile.Replace(path, Path.Combine(folder, unfinished), content.GetBuffer().AsSpan(0, (int)content.Length), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"What is published of a name cannot be written to '{path}'", path, error);
        }
    }
}
