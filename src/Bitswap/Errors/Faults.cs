using Bitswap.Binding;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Multiformats;
using Bitswap.Pipeline;

namespace Bitswap.Errors;

/// <summary>One factory for each fault that the cmdlets themselves find.</summary>
internal static class Faults
{
    public static Fault NoNode() =>
        new("NoNode", "No Bitswap node is running in this process.", "Start one with Start-BitswapNode.", null);

    public static Fault NoNode(string name) =>
        new("NoNode", $"No Bitswap node named '{name}' is running in this process.", "See what runs with Get-BitswapNode.", name);

    public static Fault SeveralNodes(IReadOnlyList<string> names) =>
        new("SeveralNodes", $"{names.Count} Bitswap nodes are running ({string.Join(", ", names)}), and the cmdlet works on one.", "Say which with -Node.", null);

    public static Fault SeveralNodesGiven(Several nodes) =>
        new(
            "SeveralNodes",
            $"{nodes.Count} Bitswap nodes are given ({nodes}), and this cmdlet works on one.",
            "Give one with -Node, and run the cmdlet again for each of the others.",
            null);

    public static Fault NoNodeGiven(string value) =>
        new("NoNode", $"The value of -Node is {value}, which names no node.", "Leave -Node out to mean the only node that runs, or see what runs with Get-BitswapNode.", null);

    public static Fault NodeStopped(string name) =>
        new("NodeStopped", $"The Bitswap node '{name}' is stopped.", "Start another with Start-BitswapNode.", name);

    public static Fault NodeElsewhere(string name, string peer) =>
        new(
            "NodeElsewhere",
            $"This is a copy of the node '{name}' ({peer}), which does not run in this process: a node lives in the process that started it.",
            "Start a node here with Start-BitswapNode, and connect it to that one with Connect-BitswapPeer, which takes the copy.",
            name);

    public static Fault NameInUse(string name) =>
        new("NameInUse", $"A node named '{name}' is running already.", "Choose another name, or stop that node with Stop-BitswapNode.", name);

    public static Fault NetworkClosed(object network) =>
        new("NetworkClosed", $"The {network} has been disposed.", "Make another with New-BitswapTestNetwork.", network);

    public static Fault InvalidCid(object? value, string reason) =>
        new("InvalidCid", reason, ErrorCatalog.RemedyOf("InvalidCid"), value);

    public static Fault NameOfKey(object? value, ContentPath path) =>
        new(
            "UnsupportedName",
            $"'{path.Root}' is an IPNS name: it holds the hash of a key, which stands for a CID that may change; names are not resolved yet.",
            ErrorCatalog.RemedyOf("UnsupportedName"),
            value);

    public static Fault PathFollows(object? value, ContentPath path) =>
        new("InvalidCid", $"'{path}' is a path, and a CID by itself is needed here.", "Get the CID that the path leads to with Get-BitswapFile.", value);

    public static Fault PathNotStored(ContentPath path, Cid missing) =>
        new(
            "BlockNotFound",
            $"'{path}' cannot be followed: the block {missing} is not stored in this node.",
            "Get-BitswapFile follows it with the help of peers, and stores the way.",
            missing);

    public static Fault CidRequired() =>
        new("CidRequired", "No CID was given.", "Give -Cid, or add -Local to list what is stored.", null);

    public static Fault InvalidPeer(object? value, string reason) =>
        new("InvalidPeerId", reason, "Give a peer id, an address that ends with /p2p/ and one, or an object of Get-BitswapPeer.", value);

    public static Fault NoRouter(string node) =>
        new("NoRouter", $"No router is named that {node} could ask for providers.", "Name one with -Router, here or when the node is started.", node);

    public static Fault NoBootstrap(string node) =>
        new("NoRouter", $"No peer of the DHT is named at which {node} could begin to ask.", "Start the node with -Option @{ DhtBootstrap = '/ip4/.../p2p/...' }.", node);

    public static Fault InvalidMultiaddr(object? value, string reason) =>
        new("InvalidMultiaddr", reason, "Give an address such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo....", value);

    public static Fault NoPeerAddress(object target) =>
        new("NoPeerAddress", $"The peer {target} is not connected, and there is no address to dial.", "Give its address, or connect to it with Connect-BitswapPeer first.", target);

    public static Fault PeerNotConnected(PeerId peer) =>
        new("PeerUnreachable", $"The peer {peer} is not connected.", "See who is with Get-BitswapPeer.", peer);

    public static Fault BlockTooLarge(object target, long size, long limit) =>
        new(
            "BlockTooLarge",
            $"{Shorten(target)} has {ByteSize.Format(size)}; a block that every peer takes has at most {ByteSize.Format(limit)}.",
            "Use Add-BitswapFile, which splits a file into blocks, or -AllowBigBlock if the peers are known to take it.",
            target);

    public static Fault BlockTooLargeToSend(object target, long limit) =>
        new(
            "BlockTooLarge",
            $"{Shorten(target)} has more than {limit} bytes, the most that fits into a Bitswap message.",
            "Use Add-BitswapFile, which splits a file into blocks.",
            target);

    public static Fault Refused(Cid cid, BlockRefusal refusal) => new(refusal.ErrorId, refusal.Message, ErrorCatalog.RemedyOf(refusal.ErrorId), cid);

    public static Fault BlockNotFound(Cid cid) =>
        new("BlockNotFound", $"The block {cid} is not stored in this node.", "Leave out -Local to ask the connected peers for it.", cid);

    public static Fault NotStored(Cid cid) =>
        new(
            "BlockNotFound",
            KnownBlock.Is(cid.Hash) ? $"The block {cid} follows from the CID itself, and is not stored in this node." : $"The block {cid} is not stored in this node.",
            "List what is stored with Get-BitswapBlock -Local.",
            cid);

    public static Fault NobodyHas(Cid cid, IEnumerable<BitswapBlockStatus> answers) =>
        new(
            "BlockUnavailable",
            $"No peer that was asked has the block {cid}. Asked: {string.Join("; ", answers.Select(answer => $"{answer.PeerId} {answer.Answer}"))}.",
            "Ask other peers, too.",
            cid);

    public static Fault AllSilent(Cid cid, TimeSpan time) =>
        new(
            "Timeout",
            $"No peer was asked for {cid}: those that were asked before said nothing for {NodeErrors.Seconds(time)}.",
            "Ask other peers, or allow more time with -TimeoutSeconds.",
            cid);

    public static Fault CarRefused(string path, string kept, CarException cause) =>
        new(
            cause.ErrorId,
            $"'{path}': {cause.Message}{kept}",
            cause.ErrorId switch
            {
                DagErrorIds.DagLimitExceeded => "Write the roots into several CARs.",
                DagErrorIds.BlockTooLarge => "Have the data split into smaller blocks, as Add-BitswapFile does; the other blocks of the file are imported.",
                DagErrorIds.InvalidMultihash => "Have the data hashed with a function that Tab completes; the other blocks of the file are imported.",
                _ => "Fetch the file again. What was imported of it stays.",
            },
            (object?)cause.Cid ?? path,
            cause);

    public static Fault CarExists(string path) =>
        new("CarExists", $"There is a file '{path}'.", "Give another path, or replace it with -Force.", path);

    public static Fault Pinned(Cid cid) =>
        new("Pinned", $"{cid} is pinned.", "Take the pin away with Remove-BitswapPin, or give -Force, which does.", cid);

    public static Fault BelowPin(Cid cid) =>
        new(
            "Pinned",
            $"{cid} is pinned, by itself or below a recursive pin.",
            "Find the pin with Get-BitswapPin and take it away with Remove-BitswapPin, or give -Force, which leaves the pin without the block.",
            cid);

    public static Fault PinNotFound(Cid cid) =>
        new("PinNotFound", $"{cid} is not pinned.", "See what is with Get-BitswapPin.", cid);

    public static Fault InvalidBlock(object target, Cid expected, Cid actual) =>
        new("InvalidBlock", $"{Shorten(target)} has the CID {actual}, not {expected}.", "Leave -Cid out, or pass the data that belongs to it.", expected);

    public static Fault InvalidInput(object? value) =>
        new(
            "InvalidInput",
            $"No block can be made of an object of type {value?.GetType().FullName ?? "null"}.",
            value is Cid ? "A CID is no data: fetch what it names with Get-BitswapBlock, or take it apart with Get-BitswapCid -Cid." : "Give a byte[], a string, a stream or a file.",
            value);

    public static Fault PathNotFound(string path) =>
        new("PathNotFound", $"There is no file '{path}'.", "Check the path; -LiteralPath takes it as it is written.", path);

    public static Fault NoMatch(string pattern) =>
        new("PathNotFound", $"No file matches '{pattern}'.", "Check the pattern; -LiteralPath takes a name as it is written.", pattern);

    public static Fault NothingToAdd() =>
        new("PathNotFound", "An empty list names no file.", "Give a path; an empty file is added with -InputByte @() -Name.", null);

    public static Fault NotAFile(string path) =>
        new("PathNotFound", $"'{path}' is not a file.", "Give the path of a file. Add-BitswapFile takes folders.", path);

    public static Fault FolderNeedsRecurse(string path) =>
        new("NotAFile", $"'{path}' is a folder.", "Add -Recurse to add it with all that is in it.", path);

    public static Fault ReadFailed(object target, Exception cause) =>
        new("ReadFailed", $"{Shorten(target)} cannot be read: {cause.Message}", "Check that it exists and may be read.", target, cause);

    public static Fault NoStandardInput() =>
        new(
            "ReadFailed",
            "'-' is the standard input of the process, and nothing is redirected to it.",
            "Redirect it, as in 'pwsh -File add.ps1 < photo.jpg'; or pipe bytes: Get-Content photo.jpg -AsByteStream | Add-BitswapFile -Name photo.jpg.",
            "-");

    public static Fault OutFileFailed(string path, Exception cause) =>
        new("OutFileFailed", $"'{path}' cannot be written: {cause.Message}", "Check that the folder exists, has room and may be written to.", path, cause);

    public static Fault OutFileTaken(string path) =>
        new("OutFileTaken", $"'{path}' is one file, and more than one block was asked for.", "Name a folder with -OutFile: each block becomes a file with its CID as name.", path);

    public static Fault TraceFileTaken(string path) =>
        new("OutFileTaken", $"'{path}' is one file, and more than one node was given.", "Start a trace for each node with a -Path of its own, or leave -Path out.", path);

    public static Fault ContentFileTaken(string? path) =>
        new("OutFileTaken", $"'{path}' is one file, and the content of more than one was asked for.", "Save several files with Save-BitswapFile.", path);

    public static Fault InvalidOption(string name, string reason) =>
        new("InvalidOption", $"{(name.Length == 0 ? "The options" : $"The option '{name}'")} cannot be set: {reason.Split(" (Parameter", 2)[0]}", "Check its name and its range.", name);

    public static Fault NoFilter(string node) =>
        new("InvalidOption", $"'{node}' was started without a filter, and cannot be given one while it runs.", "Start the node with -Filter; { $true } lets everyone have everything.", node);

    public static Fault InvalidSettings(string path, string? name, string reason) =>
        new(
            "InvalidSettings",
            $"The settings '{path}' cannot be used{(name is null ? "" : $", because of '{name}'")}: {reason.Split(" (Parameter", 2)[0]}",
            ErrorCatalog.RemedyOf("InvalidSettings"),
            path);

    public static Fault NoPathToSave() =>
        new("InvalidOption", "There is no folder that could keep the settings.", "Give -Path with -Save.", "Save");

    public static Fault NoLogToLevel(string level) =>
        new("InvalidOption", $"-LogLevel {level} says what a log holds, and there is no log.", "Name its file with -LogPath; to see here what the node does, give -Verbose or -Debug.", "LogLevel");

    public static Fault InvalidKey(string reason) =>
        new("InvalidKey", $"The private key cannot be used: {reason}", "Give libp2p's own form of an Ed25519 private key, or a seed of 32 bytes.", null);

    public static Fault InvalidStore(object? value) =>
        new("InvalidStore", $"'{Shorten(value)}' is not a block store.", "Give 'Memory', a folder, or an object derived from [Bitswap.Blockstore].", value);

    public static Fault StoreNotFound(string path) =>
        new("StoreNotFound", $"There is no folder '{path}' with blocks.", ErrorCatalog.RemedyOf("StoreNotFound"), path);

    public static Fault NameIsPath(string name) =>
        new("InvalidOption", $"'{name}' is a path and no name for a node.", "Give the folder that the node keeps its identity and blocks in by -Path.", name);

    public static Fault UnknownName(string what, string name) =>
        new("UnknownName", $"'{name}' is not a {what} known here.", "Press Tab after the parameter to see the names.", name);

    public static Fault UnsupportedCidVersion(object target, string reason) =>
        new("UnsupportedCidVersion", $"No such CID can be made: {reason}", "Version 0 is for dag-pb and sha2-256 alone; use -CidVersion 1.", target);

    public static Fault UnsupportedProtocolVersion(string version) =>
        new("UnsupportedProtocolVersion", $"'{version}' is not a Bitswap version spoken here.", "Use 1.2.0, 1.1.0, 1.0.0 or Unversioned.", version);

    public static Fault Timeout(object target, TimeSpan time) =>
        new("Timeout", $"{Shorten(target)} took longer than {NodeErrors.Seconds(time)}.", "Allow more time with -TimeoutSeconds.", target);

    public static Fault ContentTooLarge(object target, long limit) =>
        new(
            "ContentTooLarge",
            $"{Shorten(target)} has more than {ByteSize.Format(limit)} to give in one piece.",
            "Take a part of it with -Offset and -Count, or save it with Save-BitswapFile.",
            target);

    public static Fault Unsavable(UnsavableException error, bool anyName) =>
        new(
            error.ErrorId,
            error.Message,
            error.ErrorId == DagErrorIds.UnsafeName && !anyName ? "Save the rest with -SkipUnsafe. -AllowAnyName takes every name that this system holds." : "Save the rest with -SkipUnsafe.",
            error.Cid,
            error);

    public static Fault TooLargeToSave(DagException error) =>
        new(error.ErrorId, error.Message, "If you trust its publisher, save it with -AllowLarge.", error.Cid, error);

    /// <summary>Blocks did not come in the middle of a save. It is the error of the node, which says what is missing and who was asked.</summary>
    public static Fault SaveBrokenOff(BitswapException cause, long kept, long? total)
    {
        string of = total is { } all ? $" of {ByteSize.Format(all)}" : "";
        return new(
            cause.ErrorId,
            $"{cause.Message} {ByteSize.Format(kept)}{of} are saved and kept: the same save goes on from there.",
            cause.Remedy,
            cause.Subject,
            cause);
    }

    /// <summary>A value as it may stand in a message: never a page of it.</summary>
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
