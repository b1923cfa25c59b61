using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Content;

/// <summary>
/// Adds files and folders to a node. What an add returns is stored whole, on the disk where the store has one, and served. An add that fails or
/// is cancelled leaves whole blocks without their root, and no torn one.
/// </summary>
/// <remarks>One add runs at a time.</remarks>
public sealed class NodeImport : IAsyncDisposable
{
    private readonly BlockBatch _batch;
    private readonly GcLock _hold;
    private readonly UnixFsImporter _importer;
    private Task _running = Task.CompletedTask;

    internal NodeImport(BlockBatch batch, GcLock hold, UnixFsImportOptions options)
    {
        _batch = batch;
        _hold = hold;
        _importer = new UnixFsImporter(options, batch.PutAsync);
    }

    /// <summary>No add is under way.</summary>
    public bool IsIdle => _running.IsCompleted;

    /// <summary>Gets how far it is, over all its adds.</summary>
    public ImportProgress Progress => _importer.Progress;

    /// <summary>Gets the blocks made so far, those included that the store had already.</summary>
    public long Blocks => _importer.Blocks;

    /// <summary>Adds a file, a folder with all that is in it, or a symbolic link.</summary>
    /// <exception cref="Dag.Abstractions.DagException">See <see cref="UnixFsImporter.ImportAsync(string, CancellationToken)"/>.</exception>
    /// <exception cref="BitswapException">StoreFailed, StoreFull; NodeStopped.</exception>
    public Task<UnixFsImport> AddAsync(string path, CancellationToken cancellationToken = default) =>
        Begin(_importer.ImportAsync(path, cancellationToken), cancellationToken);

    /// <summary>Adds what a stream gives, as a file.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="BitswapException">StoreFailed, StoreFull; NodeStopped.</exception>
    public Task<UnixFsImport> AddAsync(Stream stream, CancellationToken cancellationToken = default) =>
        Begin(_importer.ImportAsync(stream, cancellationToken), cancellationToken);

    /// <summary>Adds a directory of what was added before.</summary>
    /// <exception cref="Dag.Abstractions.DagException">DuplicateName, UnsafeName.</exception>
    /// <exception cref="BitswapException">StoreFailed, StoreFull; NodeStopped.</exception>
    public Task<UnixFsImport> WrapAsync(IReadOnlyList<KeyValuePair<string, UnixFsImport>> entries, CancellationToken cancellationToken = default) =>
        Begin(_importer.WrapAsync(entries, cancellationToken), cancellationToken);

    /// <summary>Waits for the add that is under way, and drops what it left unfinished. To have it end soon, cancel it.</summary>
    public async ValueTask DisposeAsync()
    {
        // Who began it hears how it ends.
        await Task.WhenAny(_running).ConfigureAwait(false);
        await _batch.DisposeAsync().ConfigureAwait(false);
        _importer.Dispose();
        _hold.Dispose();
    }

    private Task<UnixFsImport> Begin(Task<UnixFsImport> import, CancellationToken cancellationToken)
    {
        Task<UnixFsImport> whole = CompleteAsync(import, cancellationToken);
        _running = whole;
        return whole;
    }

    private async Task<UnixFsImport> CompleteAsync(Task<UnixFsImport> import, CancellationToken cancellationToken)
    {
        UnixFsImport result = await import.ConfigureAwait(false);
        await _batch.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }
}
