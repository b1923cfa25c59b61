using System.Globalization;
using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.Walk;
using Bitswap.Errors;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;

namespace Bitswap.Graphs;

/// <summary>Writes CARs of graphs, and reads CARs into a node.</summary>
internal static class CarFile
{
    // Enough to keep a disk busy, and few enough that their blocks are no burden.
    private const int ParallelPuts = 8;
    private const int BufferSize = 1 << 20;

    // How many blocks that were passed over are errors of their own; the rest is one.
    private const int MaxRefusals = 1000;

    /// <summary>Writes a CAR beside the file and renames it, so that it is there whole or not at all; to a pipe or device that is there, as it comes.</summary>
    /// <exception cref="FaultException">CarExists, OutFileFailed.</exception>
    public static async Task<BitswapCar> ExportAsync(
        BitswapNode node, DagWalker walker, IReadOnlyList<Cid> roots, string path, bool replace, Action<long> count, CancellationToken cancellationToken)
    {
        (long blocks, long size) = (0, 0);
        try
        {
            await WholeFile.WriteAsync(path, replace, BufferSize, WriteAsync, cancellationToken).ConfigureAwait(false);
            return new BitswapCar { Path = path, Version = 1, Roots = [.. roots.Select(root => root.ToString())], Blocks = blocks, Size = size, Node = node.Name };
        }
        catch (CarException tooLarge)
        {
            throw new FaultException(Faults.CarRefused(path, "", tooLarge));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(!replace && File.Exists(path) ? Faults.CarExists(path) : Faults.OutFileFailed(path, cause));
        }

        async Task WriteAsync(Stream file)
        {
            await using CarWriter writer = await CarWriter.CreateAsync(file, roots, leaveOpen: true, cancellationToken).ConfigureAwait(false);
            await foreach (DagWalkItem item in walker.WalkAsync(roots, cancellationToken).ConfigureAwait(false))
            {
                if (item.State != DagWalkState.Present)
                {
                    throw item.Error ?? new FaultException(Faults.BlockNotFound(item.Cid));
                }

                await writer.WriteAsync(item.Cid, item.Data, cancellationToken).ConfigureAwait(false);
                count(item.Data.Length);
            }

            (blocks, size) = (writer.Blocks, writer.Length);
        }
    }

    /// <summary>
    /// Puts the blocks of a CAR into a node. Of one that is damaged, the blocks before the damage are put; what may be no block is passed over.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="path">The file.</param>
    /// <param name="pin">Whether to pin the roots whose graphs are stored whole.</param>
    /// <param name="count">Told of the bytes of each block that is put.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was imported, what was passed over, and why roots that were to be pinned are not.</returns>
    /// <exception cref="FaultException">InvalidCar, DagLimitExceeded, ReadFailed.</exception>
    public static async Task<(BitswapCar Car, IReadOnlyList<Fault> Faults)> ImportAsync(
        BitswapNode node, string path, bool pin, Action<long> count, CancellationToken cancellationToken)
    {
        long blocks = 0;
        List<Fault> faults = [];
        int refusals = 0;
        CarException? last = null;
        try
        {
            // From its first byte on, and until the roots are pinned.
            using GcLock hold = node.Host.TakeOwnGcLock();
            FileStream file = new(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            await using CarReader reader = await CarReader.OpenAsync(file, cancellationToken: cancellationToken).ConfigureAwait(false);

            // Not under the loop's own token: that one is cancelled by damage further on, and what was sound before it is to be kept.
            await Parallel.ForEachAsync(
                reader.ReadAllAsync(Refuse, cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = ParallelPuts, CancellationToken = cancellationToken },
                async (block, _) =>
                {
                    await node.Host.PutHeldBlockAsync(block.Cid, block.Data, hold, cancellationToken).ConfigureAwait(false);
                    Interlocked.Increment(ref blocks);
                    count(block.Data.Length);
                }).ConfigureAwait(false);
            foreach (Cid root in reader.Roots)
            {
                // a CAR may name roots that are not in it
                if (await node.Host.GetLocalSizeAsync(root, cancellationToken).ConfigureAwait(false) is not null)
                {
                    node.Host.NoteRoot(root);
                }
            }

            Cid[] roots = pin ? [.. reader.Roots.Distinct()] : [];
            IReadOnlyList<PinResult> pins = await node.Host.PinAsync(roots, recursive: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            BitswapCar car = new()
            {
                Path = path,
                Version = reader.Version,
                Roots = [.. reader.Roots.Select(root => root.ToString())],
                Pinned = [.. pins.Where(result => result.Pin is not null).Select(result => result.Root.ToString())],
                Blocks = blocks,
                Size = reader.Position,
                Node = node.Name,
            };
            if (refusals > MaxRefusals)
            {
                string more = string.Create(CultureInfo.InvariantCulture, $" It is the last of {refusals - MaxRefusals} more that were passed over.");
                faults.Add(Faults.CarRefused(path, more, last!));
            }

            faults.AddRange(pins.Select(result => result.Error).OfType<BitswapException>().Select(
                failure => new Fault(failure.ErrorId, failure.Message, failure.Remedy, failure.Subject, failure)));
            return (car, faults);
        }
        catch (CarException damage)
        {
            string kept = string.Create(CultureInfo.InvariantCulture, $" The {blocks} blocks before it are stored.");
            throw new FaultException(Faults.CarRefused(path, kept, damage));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.ReadFailed(path, cause));
        }

        void Refuse(CarException refused)
        {
            last = refused;
            if (++refusals <= MaxRefusals)
            {
                faults.Add(Faults.CarRefused(path, "", refused));
            }
        }
    }
}
