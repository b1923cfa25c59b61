using Bitswap.Binding;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Multiformats;
using Bitswap.Node.Core;
using Bitswap.Pipeline;

namespace Bitswap.Errors;

/// <summary>One factory for each fault that the cmdlets themselves find.</summary>
internal static class Faults
{
    public static Fault NoNode() =>
        new("NoNode", "No Bitswap node is running in this process.", "Start a node with Start-BitswapNode.", null);

    public static Fault NoNodeToFetch() =>
        NoNode() with { Remedy = "Start a node with Start-BitswapNode, or use -Public, which starts one for this call that asks the public network." };

    public static Fault NoNode(string name) =>
        new("NoNode", $"No Bitswap node named '{name}' is running in this process.", "List the running nodes with Get-BitswapNode.", name);

    public static Fault SeveralNodes(IReadOnlyList<string> names) =>
        new("SeveralNodes", $"{names.Count} Bitswap nodes are running ({string.Join(", ", names)}), and the cmdlet uses one.", "Select one node with -Node.", null);

    public static Fault SeveralNodesGiven(Several nodes) =>
        new(
            "SeveralNodes",
            $"{nodes.Count} Bitswap nodes are given ({nodes}), and this cmdlet uses one.",
            "Select one with -Node, and run the cmdlet again for each of the others.",
            null);

    public static Fault NoNodeGiven(string value) =>
        new("NoNode", $"The value of -Node is {value}, which is not a node.", "Omit -Node to use the only running node, or list the running nodes with Get-BitswapNode.", null);

    public static Fault NodeStopped(string name) =>
        new("NodeStopped", $"The Bitswap node '{name}' is stopped.", "Start another node with Start-BitswapNode.", name);

    public static Fault NodeElsewhere(string name, string peer) =>
        new(
            "NodeElsewhere",
            $"This is a copy of the node '{name}' ({peer}), which does not run in this process. A node can be used only in the process that started it.",
            ErrorCatalog.RemedyOf("NodeElsewhere"),
            name);

    public static Fault NameInUse(string name) =>
        new("NameInUse", $"A node named '{name}' is already running.", "Use another name, or stop that node with Stop-BitswapNode.", name);

    public static Fault NetworkClosed(object network) =>
        new("NetworkClosed", $"The {network} has been disposed.", "Create another network with New-BitswapTestNetwork.", network);

    public static Fault InvalidCid(object? value, string reason) =>
        new("InvalidCid", reason, ErrorCatalog.RemedyOf("InvalidCid"), value);

    public static Fault NameOfKey(object? value, ContentPath path) =>
        new(
            "UnsupportedName",
            $"'{path.Root}' is an IPNS name: the hash of a key that stands for a changing CID. A CID is required here.",
            ErrorCatalog.RemedyOf("UnsupportedName"),
            value);

    public static Fault PathFollows(object? value, ContentPath path) =>
        new("InvalidCid", $"'{path}' is a path, and a CID without a path is required here.", "Get the CID at the end of the path with Get-BitswapFile.", value);

    public static Fault PathNotStored(ContentPath path, Cid missing) =>
        new(
            "BlockNotFound",
            $"'{path}' cannot be followed: the block {missing} is not stored in this node.",
            "Use Get-BitswapFile, which fetches the blocks along the path from peers and stores them.",
            missing);

    public static Fault CidRequired() =>
        new("CidRequired", "No CID was given.", "Use -Cid, or -Local to list the stored blocks.", null);

    public static Fault InvalidPeer(object? value, string reason) =>
        new("InvalidPeerId", reason, ErrorCatalog.RemedyOf("InvalidPeerId"), value);

    public static Fault NoRouter(string node) =>
        new("NoRouter", $"{node} has no router to ask for providers.", "Use -Router of this cmdlet or of Start-BitswapNode.", node);

    public static Fault NoBootstrap(string node) =>
        new("NoRouter", $"{node} has no DHT peer at which a lookup can start.", "Start the node with -Public, or with -Option @{ DhtBootstrap = '/ip4/.../p2p/...' }.", node);

    public static Fault NotHere(Cid cid) =>
        new("BlockNotFound", $"The block {cid} is not stored in this node, so it is not published.", "First fetch it with Get-BitswapBlock, or all below it with Add-BitswapPin.", cid);

    public static Fault KeyTooLong(Cid cid) =>
        new("NotPublished", $"{cid} is not published: peers of the DHT do not take a multihash of more than 80 bytes.", "Add the content with a hash function such as sha2-256.", cid);

    /// <summary>One fault for all blocks that have it; its target is the block, or all of them.</summary>
    public static Fault OfBlocks(Fault first, IReadOnlyList<Cid> cids) => cids.Count == 1
        ? first
        : first with { Message = $"{first.Message} {cids.Count} blocks are not published for this reason, {cids[0]} first.", Target = cids.ToArray(), Cause = null };

    public static Fault NotPublished(Cid cid, int peers, string first, bool isOutOfReach) =>
        new(
            "NotPublished",
            $"None of the {peers} peers of the DHT that are closest to {cid} took it; the first: {first}",
            isOutOfReach ? ErrorCatalog.RemedyOf("NotPublished") : "Try again; the property Refusals of the output tells the reason of each peer.",
            cid);

    public static Fault LinkTooLong(string link) =>
        new("LinkTooLong", $"The link has {link.Length} characters. No QR code holds more than {QrCode.MaxBytes}.", ErrorCatalog.RemedyOf("LinkTooLong"), link);

    public static Fault InvalidSwarmKey(object? value, string reason) =>
        new("InvalidSwarmKey", reason, ErrorCatalog.RemedyOf("InvalidSwarmKey"), value);

    public static Fault InvalidMultiaddr(object? value, string reason) =>
        new("InvalidMultiaddr", reason, "Use a multiaddr such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo....", value);

    public static Fault NoPeerAddress(object target) =>
        new("NoPeerAddress", $"The peer {target} is not connected, and no multiaddr of it is known.", "Use its multiaddr, or first connect to it with Connect-BitswapPeer.", target);

    public static Fault PeerNotConnected(PeerId peer) =>
        new("PeerUnreachable", $"The peer {peer} is not connected.", "List the connected peers with Get-BitswapPeer.", peer);

    public static Fault BlockTooLarge(object target, long size, long limit) =>
        new(
            "BlockTooLarge",
            $"{Shorten(target)} has {ByteSize.Format(size)}. Blocks that all peers accept have at most {ByteSize.Format(limit)}.",
            "Use Add-BitswapFile, which splits a file into blocks, or -AllowBigBlock if your peers accept larger blocks.",
            target);

    public static Fault BlockTooLargeToSend(object target, long limit) =>
        new(
            "BlockTooLarge",
            $"{Shorten(target)} has more than {limit} bytes, the limit of a Bitswap message.",
            "Use Add-BitswapFile, which splits a file into blocks.",
            target);

    public static Fault Refused(Cid cid, BlockRefusal refusal) => new(refusal.ErrorId, refusal.Message, ErrorCatalog.RemedyOf(refusal.ErrorId), cid);

    public static Fault BlockNotFound(Cid cid) =>
        new("BlockNotFound", $"The block {cid} is not stored in this node.", "Omit -Local to ask the connected peers for it.", cid);

    public static Fault NotStored(Cid cid) =>
        new(
            "BlockNotFound",
            KnownBlock.Is(cid.Hash) ? $"The block {cid} follows from the CID, and is not stored in this node." : $"The block {cid} is not stored in this node.",
            "List the stored blocks with Get-BitswapBlock -Local.",
            cid);

    public static Fault NobodyHas(Cid cid, IEnumerable<string> answers) =>
        new(
            "BlockUnavailable",
            $"No peer that was asked has the block {cid}. Asked: {string.Join("; ", answers)}.",
            "Ask other peers.",
            cid);

    public static Fault AllSilent(Cid cid, TimeSpan time) =>
        new(
            "Timeout",
            $"No peer was asked for {cid}, because the peers did not answer earlier requests for {NodeErrors.Seconds(time)}.",
            "Ask other peers, or use a longer -TimeoutSeconds.",
            cid);

    public static Fault CarRefused(string path, string kept, CarException cause) =>
        new(
            cause.ErrorId,
            $"'{path}': {cause.Message}{kept}",
            cause.ErrorId switch
            {
                DagErrorIds.DagLimitExceeded => "Write the roots to several CARs.",
                DagErrorIds.BlockTooLarge => "Split the data into smaller blocks at its source, as Add-BitswapFile does. The other blocks of the CAR are imported.",
                DagErrorIds.InvalidMultihash => "Add the data at its source with another hash function, such as sha2-256. The other blocks of the CAR are imported.",
                _ => ErrorCatalog.RemedyOf("InvalidCar"),
            },
            (object?)cause.Cid ?? path,
            cause);

    public static Fault CarExists(string path) =>
        new("CarExists", $"The file '{path}' exists already.", "Use another path, or replace the file with -Force.", path);

    public static Fault Pinned(Cid cid) =>
        new("Pinned", $"{cid} is pinned.", "Remove the pin with Remove-BitswapPin, or use -Force.", cid);

    public static Fault BelowPin(Cid cid) =>
        new(
            "Pinned",
            $"{cid} is pinned, or is below a recursive pin.",
            "Find the pin with Get-BitswapPin and remove it with Remove-BitswapPin. Or use -Force, which keeps the pin and removes the block.",
            cid);

    public static Fault PinNotFound(Cid cid) =>
        new("PinNotFound", $"{cid} is not pinned.", "List the pins with Get-BitswapPin.", cid);

    public static Fault InvalidBlock(object target, Cid expected, Cid actual) =>
        new("InvalidBlock", $"{Shorten(target)} has the CID {actual}, not {expected}.", "Omit -Cid, or pass the data that belongs to the CID.", expected);

    public static Fault InvalidInput(object? value) =>
        new(
            "InvalidInput",
            $"An object of type {value?.GetType().FullName ?? "null"} cannot be converted to the data of a block.",
            value is Cid ? "A CID is not data. Get its block with Get-BitswapBlock, or decode the CID with Get-BitswapCid -Cid." : "Use a byte[], a string, a stream or a file.",
            value);

    public static Fault PathNotFound(string path) =>
        new("PathNotFound", $"The file '{path}' does not exist.", "Check the path. -LiteralPath uses it exactly as you type it.", path);

    public static Fault NoMatch(string pattern) =>
        new("PathNotFound", $"No file matches '{pattern}'.", "Check the pattern. -LiteralPath uses a path exactly as you type it.", pattern);

    public static Fault NothingToAdd() =>
        new("PathNotFound", "The list of paths is empty.", "Use at least one path. To add an empty file, use -InputByte @().", null);

    public static Fault NotAFile(string path) =>
        new("PathNotFound", $"'{path}' is not a file.", "Use the path of a file. Add-BitswapFile accepts folders.", path);

    public static Fault FolderNeedsRecurse(string path) =>
        new("NotAFile", $"'{path}' is a folder.", "Use -Recurse to add it with its contents.", path);

    public static Fault ReadFailed(object target, Exception cause) =>
        new("ReadFailed", $"{Shorten(target)} cannot be read: {cause.Message}", "Check that it exists and that you can read it.", target, cause);

    public static Fault NoStandardInput() =>
        new(
            "ReadFailed",
            "'-' is the standard input of the process, and nothing is redirected to it.",
            "Redirect a file to it, as in 'pwsh -File add.ps1 < photo.jpg', or pipe bytes: Get-Content photo.jpg -AsByteStream | Add-BitswapFile -Name photo.jpg.",
            "-");

    public static Fault OutFileFailed(string path, Exception cause) =>
        new("OutFileFailed", $"'{path}' cannot be written: {cause.Message}", ErrorCatalog.RemedyOf("OutFileFailed"), path, cause);

    public static Fault OutFileTaken(string path) =>
        new("OutFileTaken", $"'{path}' is one file, and several blocks are requested.", ErrorCatalog.RemedyOf("OutFileTaken"), path);

    public static Fault TraceFileTaken(string path) =>
        new("OutFileTaken", $"'{path}' is one file, and several nodes are given.", "Start a trace with its own -Path for each node, or omit -Path.", path);

    public static Fault ContentFileTaken(string? path) =>
        new("OutFileTaken", $"'{path}' is one file, and the content of several files is requested.", "Save several files with Save-BitswapFile.", path);

    public static Fault InvalidOption(string name, string reason) =>
        new("InvalidOption", $"{(name.Length == 0 ? "The options" : $"The option '{name}'")} cannot be set: {reason.Split(" (Parameter", 2)[0]}", "Check the name and the range of the option, which about_Bitswap lists.", name);

    public static Fault UnknownOption(string name) =>
        new("InvalidOption", $"There is no option '{name}'.", "Press Tab inside -Option @{ } for the names. about_Bitswap lists them with their ranges.", name);

    public static Fault FixedOption(string name, IEnumerable<string> live) =>
        new(
            "InvalidOption",
            $"The option '{name}' cannot be changed while the node runs.",
            $"Stop the node, and set the option with Start-BitswapNode -Option. A running node takes {string.Join(", ", live)}.",
            name);

    public static Fault CallNodeExcludes(string asked, string other) =>
        new("InvalidOption", $"{asked} starts a node for this call, and cannot be used with {other}.", $"Omit {other}, or omit {asked}.", asked);

    public static Fault NoFilter(string node) =>
        new("InvalidOption", $"'{node}' was started without a filter, and does not accept one while it runs.", "Start the node with -Filter. The filter { $true } allows all peers to have all blocks.", node);

    public static Fault InvalidSettings(string path, string? name, string reason) =>
        new(
            "InvalidSettings",
            $"The settings '{path}' cannot be used{(name is null ? "" : $", because of '{name}'")}: {reason.Split(" (Parameter", 2)[0]}",
            ErrorCatalog.RemedyOf("InvalidSettings"),
            path);

    public static Fault NoPathToSave() =>
        new("InvalidOption", "-Save needs a repository folder to keep the settings in.", "Use -Save together with -Path.", "Save");

    public static Fault NoLogToLevel(string level) =>
        new("InvalidOption", $"-LogLevel {level} is the level of a log, and the node has no log file.", "Set the file with -LogPath. To see the events of a cmdlet in the console, use -Verbose or -Debug.", "LogLevel");

    public static Fault InvalidKey(string reason) =>
        new("InvalidKey", $"The private key cannot be used: {reason}", ErrorCatalog.RemedyOf("InvalidKey"), null);

    public static Fault InvalidStore(object? value) =>
        new("InvalidStore", $"'{Shorten(value)}' is not a block store.", "Use 'Memory', a folder, or an object derived from [Bitswap.Blockstore].", value);

    public static Fault StoreNotFound(string path) =>
        new("StoreNotFound", $"The folder '{path}' of the block store does not exist.", ErrorCatalog.RemedyOf("StoreNotFound"), path);

    public static Fault NameIsPath(string name) =>
        new("InvalidOption", $"'{name}' is a path, not the name of a node.", "Use -Path for the folder of the node.", name);

    public static Fault UnknownName(string what, string name) =>
        new("UnknownName", $"'{name}' is not a known {what}.", "Press Tab after the parameter to see the names.", name);

    public static Fault UnsupportedCidVersion(object target, string reason) =>
        new("UnsupportedCidVersion", $"The CID cannot be created: {reason}", "Version 0 requires dag-pb and sha2-256. Use version 1.", target);

    public static Fault UnsupportedProtocolVersion(string version) =>
        new("UnsupportedProtocolVersion", $"'{version}' is not a supported Bitswap version.", "Use 1.2.0, 1.1.0, 1.0.0 or Unversioned.", version);

    public static Fault Timeout(object target, TimeSpan time) =>
        new("Timeout", $"{Shorten(target)} took longer than {NodeErrors.Seconds(time)}.", "Use a longer -TimeoutSeconds.", target);

    public static Fault ContentTooLarge(object target, long limit) =>
        new(
            "ContentTooLarge",
            $"{Shorten(target)} has more than {ByteSize.Format(limit)}, the limit for one object.",
            "Get a part of it with -Offset and -Count, or save the file with Save-BitswapFile.",
            target);

    public static Fault Unsavable(UnsavableException error, bool anyName) =>
        new(
            error.ErrorId,
            error.Message,
            error.ErrorId == DagErrorIds.UnsafeName && !anyName ? "Save the other entries with -SkipUnsafe. -AllowAnyName accepts every name that this system allows." : "Save the other entries with -SkipUnsafe.",
            error.Cid,
            error);

    public static Fault TooLargeToSave(DagException error) =>
        new(error.ErrorId, error.Message, "If you trust the publisher, use -AllowLarge.", error.Cid, error);

    /// <summary>Blocks did not come in the middle of a save. It is the error of the node, which says what is missing and who was asked.</summary>
    public static Fault SaveBrokenOff(BitswapException cause, long kept, long? total)
    {
        string of = total is { } all ? $" of {ByteSize.Format(all)}" : "";
        return new(
            cause.ErrorId,
            $"{cause.Message} {ByteSize.Format(kept)}{of} are saved and kept. If you run the same save again, it continues from there.",
            cause.Remedy,
            cause.Subject,
            cause);
    }

    /// <summary>Gets the text of a value for a message, at most 200 characters of it.</summary>
    private static string Shorten(object? value)
    {
        string text = value switch
        {
            null => "null",
            byte[] bytes => $"Data of {bytes.Length} bytes",
            _ => value.ToString() ?? value.GetType().Name,
        };
        return text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "...");
    }
}
