using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using Bitswap.Dag.Abstractions;
using Bitswap.Errors;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests;

public sealed partial class ErrorCatalogTests
{
    [Fact]
    public void Ids_are_sorted_and_each_is_there_once()
    {
        string[] ids = [.. ErrorCatalog.All.Select(kind => kind.Id)];
        Assert.Equal(ids.Distinct().Count(), ids.Length);
        Assert.Equal(ids.Order(StringComparer.OrdinalIgnoreCase), ids);
    }

    [Fact]
    public void Each_has_a_category_and_says_when_and_what_to_do()
    {
        Assert.All(ErrorCatalog.All, kind =>
        {
            Assert.NotEqual(ErrorCategory.NotSpecified, kind.Category);
            Assert.EndsWith(".", kind.When, StringComparison.Ordinal);
            Assert.True(ErrorCatalog.HasRemedy(kind.Id), $"{kind.Id} has no remedy: add one to ErrorCatalog, below the table.");
            Assert.EndsWith(".", kind.Remedy, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_a_remedy_names_exists()
    {
        string manifest = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "Bitswap.psd1"));
        // remedies are written in the rooms that find the error, and in the catalogue
        string[] sources = [.. new[] { "src/Bitswap", "src/Bitswap.Node" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => file.EndsWith("Errors.cs", StringComparison.Ordinal) || Path.GetFileName(file) is "Faults.cs" or "ErrorCatalog.cs")
            .Select(File.ReadAllText)];
        string[] named = [.. sources.SelectMany(source => CmdletName().Matches(source)).Select(match => match.Value).Distinct().Order()];
        Assert.Contains("Start-BitswapNode", named);
        string[] missing = [.. named.Where(name => !manifest.Contains($"'{name}'", StringComparison.Ordinal))];
        Assert.True(missing.Length == 0, $"Errors tell users to use {string.Join(", ", missing)}, which Bitswap.psd1 does not export.");
        string[] topics = [.. sources.SelectMany(source => TopicName().Matches(source)).Select(match => match.Value).Distinct()];
        string help = Path.Combine(SharedData.RepositoryRoot, "docs", "en-US");
        Assert.DoesNotContain(topics, topic => !File.Exists(Path.Combine(help, topic + ".help.txt")));
    }

    [Fact]
    public void Every_id_that_the_module_makes_an_error_of_is_in_it()
    {
        (string Id, string File)[] made = MadeIn("src/Bitswap");
        Assert.DoesNotContain(made, error => !ErrorCatalog.Contains(error.Id));
        Assert.True(made.Length > 5, $"only {made.Length} errors were found: the search is broken");
    }

    [Fact]
    public void The_node_makes_errors_of_constants_alone() => Assert.Empty(MadeIn("src/Bitswap.Node"));

    [Theory]
    [InlineData(typeof(MultiformatException))]
    [InlineData(typeof(Libp2pErrorIds))]
    [InlineData(typeof(NodeErrorIds))]
    [InlineData(typeof(DagErrorIds))]
    [InlineData(typeof(ReadErrorIds))]
    public void Every_id_of_the_rooms_below_is_in_it(Type holder)
    {
        string[] ids = [.. holder.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.FieldType == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!)];
        Assert.NotEmpty(ids);
        Assert.DoesNotContain(ids, id => !ErrorCatalog.Contains(id));
    }

    [Fact]
    public void A_node_error_keeps_its_id_target_and_remedy()
    {
        BitswapException error = new("StoreFull", "no room", "make room", "the disk");
        Assert.True(FaultMap.TryMap(error, "something else", out Fault? fault));
        Assert.Equal(("StoreFull", "no room", "make room", (object)"the disk"), (fault.ErrorId, fault.Message, fault.Remedy, fault.Target!));
        Assert.Equal(ErrorCategory.LimitsExceeded, fault.Category);
        Assert.Same(error, fault.Cause);
    }

    [Fact]
    public void A_format_error_gets_a_target_and_a_remedy()
    {
        MultiformatException error = Assert.Throws<MultiformatException>(() => Cid.Parse("nonsense"));
        Assert.True(FaultMap.TryMap(error, "nonsense", out Fault? fault));
        Assert.Equal("InvalidCid", fault.ErrorId);
        Assert.Equal("nonsense", fault.Target);
        Assert.NotEmpty(fault.Remedy);
    }

    [Fact]
    public void A_mistake_of_ours_is_not_dressed_up() => Assert.False(FaultMap.TryMap(new NullReferenceException(), null, out _));

    private static (string Id, string File)[] MadeIn(string room) =>
    [
        .. from file in Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, room), "*.cs", SearchOption.AllDirectories)
           let isFactory = file.EndsWith("Errors.cs", StringComparison.Ordinal) || Path.GetFileName(file) == "Faults.cs"
           from match in (isFactory ? MadeByFactory() : Made()).Matches(File.ReadAllText(file))
           select (match.Groups[1].Value, Path.GetFileName(file)),
    ];

    [GeneratedRegex(@"\b[A-Z][a-z]+-Bitswap[A-Z]\w+")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"\babout_Bitswap\w*")]
    private static partial Regex TopicName();

    [GeneratedRegex("""new(?: \w*Exception)?\(\s*"([A-Z]\w+)",""")]
    private static partial Regex MadeByFactory();

    [GeneratedRegex("""new \w*(?:BitswapException|BlockUnavailableException|Fault)\(\s*"([A-Z]\w+)",""")]
    private static partial Regex Made();
}
