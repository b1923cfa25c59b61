using System.Text.RegularExpressions;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node.Repositories;

/// <summary>
/// The keys of a node that names are published with: its own, called <c>self</c>, and such as are made for it. A repository keeps each of those in a <see cref="KeyFile"/> in its
/// folder <c>keys</c>; a node in memory keeps them in memory. Names of keys are compared without case, as some file systems do. Thread-safe; it reads and writes on the caller's thread.
/// </summary>
internal sealed partial class KeyStore
{
    /// <summary>The name of the node's own key.</summary>
    public const string Self = "self";

    /// <summary>The folder of a repository.</summary>
    public const string FolderName = "keys";

    /// <summary>The most keys that are made.</summary>
    public const int MaxKeys = 1000;

    private const string Extension = ".key";
    private const string Unfinished = ".key-*.tmp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _lock = new();
    private readonly string? _folder;
    private readonly TimeProvider _clock;
    private readonly NamedKey? _self;
    private readonly Dictionary<string, NamedKey> _inMemory = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _maxKeys;

    /// <param name="repository">The repository; null for a node in memory.</param>
    /// <param name="self">The node's own key; null where it is not known.</param>
    /// <param name="clock">Tells when a key is made that is kept in memory.</param>
    /// <param name="maxKeys">The most keys that are made.</param>
    public KeyStore(Repository? repository, PrivateKey? self, TimeProvider clock, int maxKeys = MaxKeys)
    {
        _clock = clock;
        _maxKeys = maxKeys;
        _folder = repository is null ? null : Path.Combine(repository.Path, FolderName);
        if (self is not null)
        {
            bool isKept = repository?.Identity.PeerId.Equals(self.PeerId) == true;
            _self = new NamedKey(Self, self, isKept ? MadeAt(Path.Combine(repository!.Path, RepositoryIdentity.FileName)) : clock.GetUtcNow());
        }

        if (repository is { IsReadOnly: false } && Directory.Exists(_folder))
        {
            // What a creation that was cut short left behind holds a secret that is not used.
            foreach (string unfinished in Directory.EnumerateFiles(_folder, Unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    /// <summary>Returns the files of keys in the folder of a repository.</summary>
    public static IEnumerable<string> FilesOf(string repository) =>
        Path.Combine(repository, FolderName) is var folder && Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Extension) : [];

    /// <summary>Returns the names of the keys: the node's own, then the others by the alphabet.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    public IReadOnlyList<string> Names()
    {
        lock (_lock)
        {
            return [.. _self is null ? (string[])[] : [Self], .. Made().Order(StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>Returns a key.</summary>
    /// <exception cref="BitswapException">KeyNotFound; InvalidKey: its file holds none; StoreFailed.</exception>
    public NamedKey Get(string name)
    {
        lock (_lock)
        {
            if (IsSelf(name))
            {
                return _self ?? throw KeyErrors.NoSelf();
            }

            return Made().FirstOrDefault(made => made.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found ? Read(found) : throw KeyErrors.NotFound(name);
        }
    }

    /// <summary>Returns the keys that can be read.</summary>
    /// <exception cref="BitswapException">StoreFailed: they cannot be listed.</exception>
    public IReadOnlyList<NamedKey> Readable()
    {
        List<NamedKey> keys = [];
        foreach (string name in Names())
        {
            try
            {
                keys.Add(Get(name));
            }
            catch (BitswapException broken) when (broken.ErrorId is NodeErrorIds.InvalidKey or NodeErrorIds.KeyNotFound or NodeErrorIds.StoreFailed)
            {
                // It is an error of who asks for that key.
            }
        }

        return keys;
    }

    /// <summary>Makes a new key.</summary>
    /// <exception cref="BitswapException">As the other overload.</exception>
    public NamedKey Create(string name) => Create(name, null);

    /// <summary>Makes a key, or takes one that is given.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="key">The key; null makes a new one.</param>
    /// <exception cref="BitswapException">InvalidKeyName; KeyExists: there is one of that name, or this very key; LimitExceeded; StoreFailed.</exception>
    public NamedKey Create(string name, PrivateKey? key)
    {
        Check(name);
        lock (_lock)
        {
            List<string> made = [.. Made()];
            if (made.FirstOrDefault(other => other.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } taken)
            {
                throw KeyErrors.Exists(name, $"There is a key '{taken}'");
            }

            if (made.Count >= _maxKeys)
            {
                throw KeyErrors.TooMany(_maxKeys);
            }

            if (key is not null && Readable().FirstOrDefault(other => other.Key.PeerId.Equals(key.PeerId)) is { } same)
            {
                throw KeyErrors.Exists(name, $"This key is there as '{same.Name}'");
            }

            NamedKey created = new(name, key ?? PrivateKey.Generate(), _clock.GetUtcNow());
            if (_folder is null)
            {
                _inMemory.Add(name, created);
                return created;
            }

            Write(_folder, created);
            return Read(name);
        }
    }

    /// <summary>Removes a key; what was signed with it stays valid for as long as it says.</summary>
    /// <exception cref="BitswapException">InvalidKeyName: it is the node's own; KeyNotFound; StoreFailed.</exception>
    public void Remove(string name)
    {
        lock (_lock)
        {
            if (IsSelf(name))
            {
                throw KeyErrors.IsSelf(name, "removed");
            }

            string found = Made().FirstOrDefault(made => made.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw KeyErrors.NotFound(name);
            if (_folder is null)
            {
                _inMemory.Remove(found);
                return;
            }

            string path = PathOf(found);
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw StoreErrors.Failed($"The key '{path}' cannot be removed", path, error);
            }
        }
    }

    /// <summary>Refuses what cannot be the name of a key that is made.</summary>
    /// <exception cref="BitswapException">InvalidKeyName.</exception>
    public static void Check(string name)
    {
        if (IsSelf(name))
        {
            throw KeyErrors.IsSelf(name, "made");
        }

        if (!KeyName().IsMatch(name))
        {
            throw KeyErrors.InvalidName(name);
        }
    }

    private static bool IsSelf(string name) => name.Equals(Self, StringComparison.OrdinalIgnoreCase);

    private static DateTimeOffset MadeAt(string path) => new(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);

    private string PathOf(string name) => Path.Combine(_folder!, name + Extension);

    private IEnumerable<string> Made()
    {
        if (_folder is null)
        {
            return [.. _inMemory.Keys];
        }

        try
        {
            return Directory.Exists(_folder)
                ? [.. Directory.EnumerateFiles(_folder, "*" + Extension).Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => KeyName().IsMatch(name) && !IsSelf(name))]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The keys in '{_folder}' cannot be listed", _folder, error);
        }
    }

    private NamedKey Read(string name)
    {
        if (_folder is null)
        {
            return _inMemory[name];
        }

        string path = PathOf(name);
        try
        {
            return new NamedKey(name, KeyFile.Read(path, (why, cause) => KeyErrors.Invalid(path, why, cause)), MadeAt(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The key '{path}' cannot be read", path, error);
        }
    }

    private void Write(string folder, NamedKey key)
    {
        string path = PathOf(key.Name);
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

            KeyFile.Write(path, Path.Combine(folder, Unfinished.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal)), key.Key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The key '{path}' cannot be written", path, error);
        }
    }

    // Each is the name of a file on every system: no separators, no wildcards, no device of Windows.
    [GeneratedRegex(@"\A(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\z))[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeyName();
}

/// <summary>A key that names are published with.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Key">The key.</param>
/// <param name="Created">When it was made.</param>
internal sealed record NamedKey(string Name, PrivateKey Key, DateTimeOffset Created)
{
    /// <summary>Gets the id that is made of the key, which names published with it have.</summary>
    public PeerId PeerId => Key.PeerId;
}
