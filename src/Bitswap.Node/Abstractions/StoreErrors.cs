using System.Globalization;

namespace Bitswap;

/// <summary>The errors that stores have in common, one factory each.</summary>
internal static class StoreErrors
{
    public static BitswapException Closed() =>
        new(NodeErrorIds.StoreFailed, "The block store is closed.", "Open it again, or start a node with it.");

    public static BitswapException Failed(string what, object? target, Exception cause) =>
        new(
            NodeErrorIds.StoreFailed,
            $"{what}: {cause.GetBaseException().Message}",
            "Check that the store's disk has room and that this user may read and write it.",
            target,
            cause);

    public static BitswapException ReadOnly(string path) =>
        new(
            NodeErrorIds.StoreFailed,
            $"The block store '{path}' was opened to be read only, since nothing may be written to its folder.",
            "Let this user write to the folder and start the node again, or keep blocks elsewhere with -BlockStore.",
            path);

    public static BitswapException MemoryFull(Cid cid, long size, long kept, long max) =>
        new(
            NodeErrorIds.StoreFull,
            string.Create(CultureInfo.InvariantCulture, $"The memory store may hold {max:N0} bytes, and {kept:N0} of them are of blocks that were added or pinned; one of {size:N0} bytes does not fit."),
            "Give the node a folder with -Path, which keeps blocks on a disk; or raise the option MaxMemoryBytes, or remove blocks.",
            cid);

    public static BitswapException RepositoryFull(Cid cid, long size, long held, long max, string why, bool isOfWork) =>
        new(
            NodeErrorIds.StoreFull,
            string.Create(CultureInfo.InvariantCulture, $"The repository holds {held:N0} bytes of blocks and may hold {max:N0} (StorageMax); the block {cid} of {size:N0} bytes does not fit. {why}"),
            isOfWork
                ? "Start the node with a larger StorageMax, or add or fetch less at once: what one work stores is kept until it ends."
                : "Take pins away with Remove-BitswapPin, or start the node with a larger StorageMax.",
            cid);

    public static BitswapException Corrupt(Cid cid, string where, string how) =>
        new(
            NodeErrorIds.StoreCorrupt,
            $"The stored block {cid} is corrupt: {where} {how}. It was not served.",
            "Fetch or add the block again: storing it replaces the corrupt one. Or remove it with Remove-BitswapBlock.",
            cid);

    public static BitswapException TooLarge(Cid cid, long size, long max) =>
        new(
            NodeErrorIds.BlockTooLarge,
            $"The block {cid} has {size} bytes; this store takes at most {max}.",
            "Add large data as a file, which is split into blocks, or raise the store's MaxBlockSize.",
            cid);
}
