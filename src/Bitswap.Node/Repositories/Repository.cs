using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Repositories;

/// <summary>
/// A folder that keeps a node between its runs: <c>identity.key</c> (libp2p's PrivateKey message, readable by its owner only),
/// <c>keys</c> with more such keys, <c>blocks</c> (a <see cref="FlatFileBlockstore"/>) and <c>repo.lock</c>, by which one node at a time has it. Beside these are the pins, what was
/// published of names, and, in <c>dht-peers.json</c>, which peers of the DHT answered.
/// </summary>
public sealed class Repository : IAsyncDisposable
{
    /// <summary>The file that keeps how much the blocks of a bounded repository are.</summary>
    internal const string CountFileName = "blocks.count";

    private const string BlocksFolder = "blocks";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly RepositoryLock _lock;
    private int _closed;

    private Repository(string path, RepositoryOptions options)
    {
        Path = path;
        List<string> warnings = [.. RepositorySafety.CheckFolder(path)];
        _lock = RepositoryLock.Take(path);
        try
        {
            if (IsReadOnly)
            {
                warnings.Add($"The repository '{path}' cannot be written to. It is open to be read: nothing is stored, pinned or removed.");
            }

            warnings.AddRange(RepositorySafety.CheckKey(System.IO.Path.Combine(path, RepositoryIdentity.FileName), IsReadOnly));
            warnings.AddRange(RepositorySafety.CheckFolder(System.IO.Path.Combine(path, KeyStore.FolderName)));
            warnings.AddRange(KeyStore.FilesOf(path).SelectMany(key => RepositorySafety.CheckKey(key, IsReadOnly)));
            string blocks = System.IO.Path.Combine(path, BlocksFolder);
            warnings.AddRange(RepositorySafety.CheckFolder(blocks));
            Warnings = warnings;
            Identity = IsReadOnly ? RepositoryIdentity.Read(path, options.Identity) : RepositoryIdentity.ReadOrCreate(path, options.Identity);
            if (!IsReadOnly)
            {
                PinFile.RemoveUnfinished(path);
            }

            Blocks = new FlatFileBlockstore(blocks, options.Blocks with { IsOfRepository = true, IsReadOnly = IsReadOnly });
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Gets the folder, in full.</summary>
    public string Path { get; }

    /// <summary>Gets whether nothing can be written to it: it is on a disk that may only be read, or this user may not write there. What would be stored is an error then.</summary>
    public bool IsReadOnly => _lock.IsReadOnly;

    /// <summary>Gets the warnings to its user, each in a sentence or two.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Gets the identity of the node.</summary>
    public PrivateKey Identity { get; }

    /// <summary>Gets its blocks. Closed with the repository.</summary>
    public FlatFileBlockstore Blocks { get; }

    /// <summary>
    /// Opens a repository, or makes one of a folder that has none: the folder with mode 700, the key with mode 600. One that cannot be written to is opened to be
    /// read. A disk without room does not keep it closed.
    /// </summary>
    /// <param name="path">The folder. The working directory is that of the process.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait until it is begun.</param>
    /// <exception cref="BitswapException">
    /// StoreLocked: another node has it. InvalidKey: its key file is broken, which is left as it is. IdentityMismatch: it has another
    /// identity than the options ask for. InvalidRepository: it is Kubo's. UnsafeRepository: every user may write to it, or there is a link in the place
    /// of a file that is written to. StoreFailed: it cannot be read or written.
    /// </exception>
    public static Task<Repository> OpenAsync(string path, RepositoryOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        return Task.Run(() => Open(full, options ?? new RepositoryOptions()), cancellationToken);
    }

    /// <summary>Closes the block store and lets the next node have the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await Blocks.DisposeAsync().ConfigureAwait(false);
        try
        {
            _lock.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The repository '{Path}' cannot be closed cleanly", Path, error);
        }
    }

    private static Repository Open(string path, RepositoryOptions options)
    {
        RefuseKubo(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }

            return new Repository(path, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The repository '{path}' cannot be opened", path, error);
        }
    }

    /// <summary>Kubo keeps its key and lock in its own forms under like names, and its config says where its blocks are.</summary>
    private static void RefuseKubo(string path)
    {
        if (StoreOwner.IsKubo(path))
        {
            throw new BitswapException(
                NodeErrorIds.InvalidRepository,
                $"'{path}' is the repository of a Kubo node.",
                "Give a folder of its own. To serve Kubo's blocks, give as the block store a FlatFileBlockstore on "
                    + $"'{System.IO.Path.Combine(path, BlocksFolder)}'.",
                path);
        }
    }
}

/// <summary>How a <see cref="Repository"/> is opened.</summary>
public sealed record RepositoryOptions
{
    /// <summary>
    /// Gets the identity it must have: a new repository gets it, another one must hold it. Null: its own, made when it has none.
    /// </summary>
    public PrivateKey? Identity { get; init; }

    /// <summary>Gets how its block store works.</summary>
    public FlatFileOptions Blocks { get; init; } = new();
}
