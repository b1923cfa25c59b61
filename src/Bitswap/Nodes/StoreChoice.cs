using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Node.Blockstores;

namespace Bitswap.Nodes;

/// <summary>The block store of <c>-BlockStore</c>, with what is to be disposed when the node has stopped.</summary>
internal sealed class StoreChoice : IAsyncDisposable
{
    private readonly RunspaceLender? _runspaces;
    private readonly IAsyncDisposable? _owned;

    private StoreChoice(IBlockstore? store, RunspaceLender? runspaces = null, IAsyncDisposable? owned = null)
    {
        Store = store;
        _runspaces = runspaces;
        _owned = owned;
    }

    /// <summary>The store; null for the node's own.</summary>
    public IBlockstore? Store { get; }

    /// <summary>Makes a store of what the user gave.</summary>
    /// <param name="value">Null for the node's own, <c>Memory</c>, a folder of flat files, or a store of the user's.</param>
    /// <param name="options">The node's, which bound a store in memory.</param>
    /// <param name="toPath">Resolves a path as PowerShell does.</param>
    /// <param name="create">Whether a folder that is not there is made.</param>
    /// <exception cref="FaultException">InvalidStore, StoreNotFound.</exception>
    /// <exception cref="BitswapException">The folder cannot be opened.</exception>
    public static StoreChoice From(object? value, NodeOptions options, Func<string, string> toPath, bool create)
    {
        switch (Unwrap.Base(value))
        {
            case null:
                return new StoreChoice(null);
            case string text when text.Equals("Memory", StringComparison.OrdinalIgnoreCase):
                return new StoreChoice(new MemoryBlockstore(options.MaxMemoryBytes, options.MaxPassingBytes));
            case string path:
                return Flat(toPath(path), create);
            case FileSystemInfo folder:
                return Flat(folder.FullName, create);
            case Blockstore store when IsPowerShellClass(store):
                Blockstore.RefuseRunspaceAffinity(store.GetType());
                RunspaceLender runspaces = new();
                store.CallScope = runspaces.Enter;
                return new StoreChoice(store, runspaces);
            case IBlockstore own when !IsPowerShellClass(own):
                return new StoreChoice(own);
            default:
                throw new FaultException(Faults.InvalidStore(value));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_owned is not null)
        {
            await _owned.DisposeAsync().ConfigureAwait(false);
        }

        _runspaces?.Dispose();
    }

    private static StoreChoice Flat(string path, bool create)
    {
        if (!create && !Directory.Exists(path))
        {
            throw new FaultException(Faults.StoreNotFound(path));
        }

        FlatFileBlockstore files = new(path);
        return new StoreChoice(files, owned: files);
    }

    // PowerShell compiles classes into dynamic assemblies that it names so
    private static bool IsPowerShellClass(object value) =>
        value.GetType().Assembly is { IsDynamic: true } assembly
        && assembly.GetName().Name?.StartsWith("PowerShell Class Assembly", StringComparison.Ordinal) == true;
}
