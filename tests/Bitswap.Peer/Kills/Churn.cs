using System.Collections.Concurrent;
using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;

namespace Bitswap.Peer.Kills;

/// <summary>What is done to a repository while it is killed. A line says of each thing that it begins, where it may take something away or change it, and that it is done.</summary>
internal sealed class Churn(NodeHost node, bool isBounded)
{
    /// <summary>The folder that is saved again and again, in one version over the other.</summary>
    public const string Replaced = "replaced";

    private const int MaxSize = 300_000;
    private const int MostPins = 12;

    // of a bounded repository, so that it is full soon and what is pinned fits
    private const int MaxBoundedSize = 600_000;
    private const int MostBoundedPins = 6;
    private const int ParallelPuts = 4;

    private static readonly UnixFsImportOptions _import = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(8192) } };
    private readonly ConcurrentQueue<Cid> _added = new();
    private int _collections;
    private readonly ConcurrentDictionary<Cid, bool> _pinned = new(node.Pins.List().ToDictionary(pin => pin.Cid, _ => true));

    /// <summary>Adds files, imports CARs and clears the store.</summary>
    public async Task FillAsync(Random random)
    {
        while (true)
        {
            switch (random.Next(5))
            {
                case 0 when !isBounded:
                    await ClearAsync();
                    break;
                case < 3:
                    await ImportAsync(random);
                    break;
                default:
                    await AddAsync(random);
                    break;
            }
        }
    }

    /// <summary>Pins what was added, whether or not it is cleared meanwhile, and takes pins away.</summary>
    public async Task PinAsync(Random random)
    {
        while (true)
        {
            int most = isBounded ? MostBoundedPins : MostPins;
            if (_pinned.Count < most && _added.TryDequeue(out Cid? added))
            {
                await PinAsync(added);
            }
            else if (_pinned.Count > random.Next(most))
            {
                Cid cid = _pinned.Keys.ElementAt(0);
                _pinned.TryRemove(cid, out _);
                Tell(KillWords.Unpinning, cid);
                await node.UnpinAsync(cid);
                Tell(KillWords.Unpinned, cid);
            }
            else
            {
                await Task.Delay(1);
            }
        }
    }

    /// <summary>Saves folders from a peer: to new names, and one over the other.</summary>
    public async Task SaveAsync(Random random, Cid[] trees, string destination)
    {
        for (int i = 0; ; i++)
        {
            Cid tree = trees[random.Next(trees.Length)];
            string name = random.Next(2) == 0 ? Replaced : $"new{i}";
            Tell(KillWords.Saving, tree, name);
            await using (FetchSession session = new(node, new FetchSessionOptions { Passing = true }))
            {
                UnixFsSaver saver = new(new UnixFsReader(session.Reader), new SaveOptions { Force = name == Replaced });
                await saver.SaveAsync(tree, destination, name);
            }

            Tell(KillWords.Saved, tree, name);
        }
    }

    private byte[] Content(Random random)
    {
        byte[] content = new byte[random.Next(1, isBounded ? MaxBoundedSize : MaxSize)];
        random.NextBytes(content);
        return content;
    }

    // a line is one write, so that a kill leaves none in part
    private static void Tell(params object[] words) => Console.WriteLine(string.Join(' ', words));

    private async Task AddAsync(Random random)
    {
        await using NodeImport import = node.BeginImport(_import);
        Cid root = (await import.AddAsync(new MemoryStream(Content(random)))).Cid;
        await KeepAsync(root, isPinned: random.Next(2) == 0);
    }

    private async Task ImportAsync(Random random)
    {
        ConcurrentDictionary<Cid, byte[]> blocks = new();
        using UnixFsImporter importer = new(_import, (cid, data, _) =>
        {
            blocks[cid] = data.ToArray();
            return default;
        });
        Cid root = (await importer.ImportAsync(new MemoryStream(Content(random)))).Cid;
        MemoryStream car = new();
        await using (CarWriter writer = await CarWriter.CreateAsync(car, [root], leaveOpen: true))
        {
            foreach ((Cid cid, byte[] data) in blocks)
            {
                await writer.WriteAsync(cid, data);
            }
        }

        car.Position = 0;
        using GcLock hold = node.TakeGcLock();
        await using CarReader reader = await CarReader.OpenAsync(car);
        await Parallel.ForEachAsync(
            reader.ReadAllAsync(),
            new ParallelOptions { MaxDegreeOfParallelism = ParallelPuts },
            async (block, cancellationToken) => await node.PutBlockAsync(block.Cid, block.Data, cancellationToken));
        await KeepAsync(root, isPinned: random.Next(2) == 0);
    }

    // while its blocks are held: a clear that takes them begins later, and says so before
    private async Task KeepAsync(Cid root, bool isPinned)
    {
        Tell(KillWords.Added, root);
        if ((await node.GetStatAsync()).Storage is { } storage && storage.Collections != _collections)
        {
            _collections = storage.Collections;
            Tell(KillWords.Collected);
        }

        if (isPinned)
        {
            await PinAsync(root);
        }
        else
        {
            _added.Enqueue(root);
        }
    }

    private async Task PinAsync(Cid root)
    {
        Tell(KillWords.Pinning, root);
        PinResult result = (await node.PinAsync([root], recursive: true))[0];
        if (result.Pin is null)
        {
            Tell(KillWords.Refused, root);
            return;
        }

        Tell(KillWords.Pinned, root);
        _pinned[root] = true;
    }

    private async Task ClearAsync()
    {
        Tell(KillWords.Clearing);
        await using StoreCollection collection = await node.BeginCollectionAsync();
        await foreach (StoredBlock removed in collection.RemoveAsync())
        {
            _ = removed;
        }

        Tell(KillWords.Cleared);
    }
}
