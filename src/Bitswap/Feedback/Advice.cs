using System.Management.Automation;
using System.Management.Automation.Language;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Nodes;

namespace Bitswap.Feedback;

/// <summary>What a person can type next after a command that failed. Nothing is asked of a peer for it.</summary>
/// <param name="Header">What was typed, or what is missing.</param>
/// <param name="Actions">Commands, each to be run as it stands.</param>
/// <param name="Footer">What to know before one of them is run; null when there is nothing.</param>
internal sealed record Advice(string Header, IReadOnlyList<string> Actions, string? Footer = null)
{
    private const string Router = "https://delegated-ipfs.dev";
    private const string OurCommands = ",Bitswap.Commands.";
    private const int MaxNodes = 5;

    /// <summary>After a text that is no command: a pasted CID, link or address. Null for any other.</summary>
    public static Advice? AfterUnknownCommand(string text)
    {
        if (Multiaddr.TryParse(text, out Multiaddr? address) && address.PeerId is not null)
        {
            return new("This is the address of a peer. A node connects to it with:", ForNodes([$"Connect-BitswapPeer {text}"], "Start-BitswapNode"), NodeNote("No node runs yet."));
        }

        if (CidAddress.Parse(text).IsName)
        {
            return new(
                "This is an IPNS name. To see what it leads to, and to get that:",
                ForNodes([$"Resolve-BitswapName {LocalCompleter.Quote(text)}", $"Get-BitswapFile {LocalCompleter.Quote(text)}"], $"Start-BitswapNode -Router {Router}"),
                NodeNote("No node runs yet. A router says what a name leads to, and learns what is looked for."));
        }

        ContentPath path;
        try
        {
            path = ContentPath.Parse(text);
        }
        catch (Exception other) when (other is MultiformatException or DagException)
        {
            // a misspelt command, or something of another module
            return null;
        }

        string what = LocalCompleter.Quote(path.Names.Count == 0 ? path.Root.ToString() : path.ToString());
        string[] actions = path.Root.Codec is Multicodec.Raw or Multicodec.DagPb
            ? [$"Get-BitswapFile {what}", $"Get-BitswapContent {what}", $"Save-BitswapFile {what}"]
            : [$"Get-BitswapBlock {what} -AsString", $"Show-BitswapDag {what} -Fetch"];
        return new($"This {(path.Names.Count == 0 ? "is a CID" : "is a path from a CID")}. To see its content, and to get it:", ForNodes(actions, $"Start-BitswapNode -Router {Router}"), NodeNote("No node runs yet. A router says who has what, and learns what is looked for."));
    }

    /// <summary>After an error of this module that another command helps with. Null for any other.</summary>
    /// <param name="error">The error.</param>
    /// <param name="line">What was typed.</param>
    public static Advice? AfterError(ErrorRecord error, string line)
    {
        int comma = error.FullyQualifiedErrorId.IndexOf(OurCommands, StringComparison.Ordinal);
        if (comma <= 0)
        {
            return null;
        }

        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        string id = error.FullyQualifiedErrorId[..comma];
        string node = NodeIn(line);
        string? cid = Cid.TryParse(Unwrap.Base(error.TargetObject)?.ToString(), out Cid? target) ? target.ToString() : null;
        return id switch
        {
            "NoNode" when running.Count == 0 => new("Start a node first:", ["Start-BitswapNode", line]),
            "SeveralNodes" when IsOneCommand(line) => new("Select a node:", [.. running.Take(MaxNodes).Select(each => $"{line} -Node {LocalCompleter.Quote(each.Name)}")]),
            "BlockUnavailable" or "Timeout" when cid is not null => new(
                "To find providers of the block, or to wait for one:",
                [$"Find-BitswapProvider {cid} -Router {Router}{node}", $"Start-BitswapWant {cid}{node} | Wait-BitswapWant -TimeoutSeconds 0"],
                "The router learns which block you look for."),
            "BlockNotFound" when cid is not null => new("To ask peers for the block:", [$"Get-BitswapBlock {cid}{node}"]),
            "DagIncomplete" when cid is not null => new("To list the missing blocks:", [$"Test-BitswapDag {cid}{node}"]),
            _ => null,
        };
    }

    // commands that can be run as they stand, with the node that they need
    private static IReadOnlyList<string> ForNodes(string[] actions, string start)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        return running.Count switch
        {
            0 => [start, .. actions],
            1 => actions,
            _ => [.. actions.Select(action => $"{action} -Node {LocalCompleter.Quote(running[0].Name)}")],
        };
    }

    private static string? NodeNote(string ifNone)
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        return running.Count switch
        {
            0 => ifNone,
            1 => null,
            _ => $"Nodes that run: {string.Join(", ", running.Take(MaxNodes).Select(each => each.Name))}{(running.Count > MaxNodes ? ", ..." : "")}.",
        };
    }

    // the node that the command was given, as it was typed, to be given again
    private static string NodeIn(string line)
    {
        foreach (CommandAst command in Parser.ParseInput(line, out _, out _).FindAll(part => part is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
        {
            for (int i = 0; i < command.CommandElements.Count; i++)
            {
                if (command.CommandElements[i] is CommandParameterAst parameter && parameter.ParameterName.Equals("Node", StringComparison.OrdinalIgnoreCase)
                    && (parameter.Argument ?? command.CommandElements.ElementAtOrDefault(i + 1)) is { } value)
                {
                    return $" -Node {value.Extent.Text}";
                }
            }
        }

        return "";
    }

    private static bool IsOneCommand(string line) =>
        Parser.ParseInput(line, out _, out ParseError[] errors) is { EndBlock.Statements: [PipelineAst { PipelineElements: [CommandAst] }] } && errors.Length == 0;
}
