using System.Text.RegularExpressions;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Architecture;

/// <summary>
/// Two rules of .editorconfig that the compiler does not report (IDE0003, IDE0049): members are not qualified, and types that the language has a word for go by it. `dotnet format` reports
/// them too, and takes minutes for it.
/// </summary>
public sealed partial class SourceNameTests
{
    [Fact]
    public void No_member_is_qualified_and_no_type_goes_by_its_name_of_the_framework()
    {
        List<string> found = [];
        int files = 0;
        foreach (string room in Directory.EnumerateDirectories(SharedData.RepositoryRoot).Where(folder => Path.GetFileName(folder) is "src" or "tests"))
        {
            foreach (string path in Directory.EnumerateFiles(room, "*.cs", SearchOption.AllDirectories).Where(path => !OfABuild().IsMatch(path)))
            {
                files++;
                found.AddRange(Find(File.ReadAllText(path)).Select(name => $"{Path.GetRelativePath(SharedData.RepositoryRoot, path)}: {name}"));
            }
        }

        Assert.InRange(files, 500, 100_000);
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("int Count => this.count;", "this.count")]
    [InlineData("Int32 count = 0;", "Int32 count")]
    [InlineData("List<System.String> names = [];", "System.String>")]
    [InlineData("if (String.IsNullOrEmpty(name))", "String.IsNullOrEmpty")]
    [InlineData("Object?[] all = [];", "Object?")]
    public void Such_a_name_is_found(string source, string name) => Assert.Equal(name, Assert.Single(Find(source)));

    [Theory]
    [InlineData("JsonTokenType.String => reader.GetString(),")]
    [InlineData("public static T At<T>(this T[] all) => this[0];")]
    [InlineData("// this.count, an Int32 x")]
    [InlineData("""string text = "an Int32 x and \" this.count";""")]
    [InlineData("Assert.Single(found); Single(found);")]
    public void Others_are_not(string source) => Assert.Empty(Find(source));

    private static IEnumerable<string> Find(string source) => Forbidden().Matches(TextOrComment().Replace(source, "_")).Select(match => match.Value);

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex OfABuild();

    [GeneratedRegex(@"""""""[\s\S]*?""""""|@""(?:""""|[^""])*""|""(?:\\.|[^""\\\n])*""|'(?:\\.|[^'\\\n])'|//[^\n]*")]
    private static partial Regex TextOrComment();

    [GeneratedRegex(@"\bthis\.\w+|(?<![\w.])(?:System\.)?(?:S?Byte|U?Int(?:16|32|64)|Boolean|Char|Single|Double|Decimal|String|Object)(?:\?|>|\[\]|\.\w+|[ ]\w+)")]
    private static partial Regex Forbidden();
}
