using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Dag.Walk;
using Bitswap.Node;
using Bitswap.Node.Content;

namespace Bitswap.Peer.Kills;

/// <summary>Looks at what a killed process left. The first thing that is not as it must be ends it.</summary>
internal sealed class KillCheck(string repository, string saves, KillJournal journal, KillSource source, int storageMax)
{
    /// <summary>The pins that are there.</summary>
    public IReadOnlyList<Cid> Pins { get; private set; } = [];

    /// <summary>How many blocks are stored.</summary>
    public long Blocks { get; private set; }

    /// <exception cref="KillFailureException">Something is lost or torn.</exception>
    /// <exception cref="BitswapException">The repository cannot be opened, since it is locked or damaged.</exception>
    public async Task RunAsync()
    {
        await using (NodeHost node = await NodeHost.StartAsync(new NodeOptions { Path = repository, ListenAddresses = [] }))
        {
            await CheckBlocksAsync(node);
            Pins = [.. node.Pins.List().Select(pin => pin.Cid)];
            CheckPins();
            foreach (Cid root in (storageMax > 0 ? Pins : journal.Added.Concat(Pins).Distinct()))
            {
                await CheckGraphAsync(node, root);
            }
        }

        await CheckSavesAsync();
    }

    private async Task CheckBlocksAsync(NodeHost node)
    {
        Blocks = 0;
        long stored = 0;
        await foreach (StoredBlock block in node.Blocks.ListAsync(CancellationToken.None))
        {
            ReadOnlyMemory<byte>? data = await node.Blocks.GetAsync(block.Cid, CancellationToken.None);
            Require(data is { } bytes && block.Cid.Hash.Matches(bytes.Span), $"The stored block {block.Cid} is torn.");
            Blocks++;
            stored += block.Size;
        }

        Require(storageMax == 0 || stored <= storageMax, $"{stored} bytes are stored, and {storageMax} may be.");

        string? left = Directory.EnumerateFiles(repository, "*.tmp", SearchOption.AllDirectories).FirstOrDefault();
        Require(left is null, $"The unfinished file '{left}' is there after the repository was opened again.");
    }

    private void CheckPins()
    {
        Cid? lost = journal.Pinned.FirstOrDefault(root => !Pins.Contains(root));
        Require(lost is null, $"The pin of {lost} was acknowledged and is lost.");
        Cid? unknown = Pins.FirstOrDefault(root => !journal.Pinned.Contains(root) && !journal.Changing.Contains(root));
        Require(unknown is null, $"{unknown} is pinned, which it was not before, or not any more.");
    }

    private async Task CheckGraphAsync(NodeHost node, Cid root)
    {
        await foreach (DagWalkItem item in new DagWalker(NodeBlocks.Verified(NodeBlocks.Local(node))).WalkAsync([root]))
        {
            string what = Pins.Contains(root) ? "pinned" : "added";
            Require(item.State == DagWalkState.Present, $"{root} was {what} and its block {item.Cid} is lost: {item.Error?.Message}");
        }
    }

    private async Task CheckSavesAsync()
    {
        foreach (string file in Directory.EnumerateFiles(saves, "*", SearchOption.AllDirectories))
        {
            bool isPart = Path.GetRelativePath(saves, file).StartsWith(".bitswap-", StringComparison.Ordinal);
            Require(isPart || source.Has(file), $"The saved file '{file}' is torn.");
        }

        foreach ((string name, Cid root) in journal.Saved)
        {
            Require((await SaveAsync(name, root, force: false)).IsUnchanged, $"'{name}' was saved and is another thing.");
        }

        // what was being saved goes on from what is kept, and leaves nothing beside it
        foreach ((string name, Cid root) in journal.Unfinished)
        {
            await SaveAsync(name, root, force: true);
            Require((await SaveAsync(name, root, force: false)).IsUnchanged, $"'{name}' is another thing after the save went on.");
        }

        string[] left = [.. Directory.EnumerateFileSystemEntries(saves).Where(entry => Path.GetFileName(entry).StartsWith('.'))];
        Require(left.Length == 0, $"'{left.FirstOrDefault()}' is left of a save that is done.");
    }

    private Task<SaveResult> SaveAsync(string name, Cid root, bool force) =>
        new UnixFsSaver(new UnixFsReader(source.Reader), new SaveOptions { Force = force }).SaveAsync(root, saves, name);

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new KillFailureException(otherwise);
        }
    }
}
