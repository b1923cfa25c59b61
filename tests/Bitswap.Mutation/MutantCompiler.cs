using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Bitswap.Mutation;

/// <summary>Compiles a project in memory as its build does, with one change at a time.</summary>
internal sealed class MutantCompiler
{
    private readonly CSharpCommandLineArguments _arguments;
    private readonly Compilation _compilation;

    private MutantCompiler(CSharpCommandLineArguments arguments, Compilation compilation)
    {
        _arguments = arguments;
        _compilation = compilation;
    }

    /// <summary>The name of the file that is compiled.</summary>
    public string OutputName => _arguments.OutputFileName!;

    /// <summary>Asks the build how it compiles a project, and reads what it compiles.</summary>
    public static async Task<MutantCompiler> OpenAsync(string projectFolder)
    {
        string project = Path.Combine(projectFolder, Path.GetFileName(projectFolder) + ".csproj");
        // an output that is never there has the compiler asked for, also where all is up to date
        string json = await Commands.RunAsync(
            "dotnet", "build", project, "-c", Commands.Configuration, "-t:Compile", "-p:BuildProjectReferences=false", "-p:NonExistentFile=__NonExistentFile__",
            "-p:DesignTimeBuild=true", "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true", "-getItem:CscCommandLineArgs");
        using JsonDocument document = JsonDocument.Parse(json);
        string[] words = [.. document.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)];
        CSharpCommandLineArguments arguments = CSharpCommandLineParser.Default.Parse(words, projectFolder, sdkDirectory: null);
        if (arguments.SourceFiles.IsEmpty)
        {
            throw new InvalidOperationException($"The build did not tell how {project} is compiled.");
        }

        // warnings are errors in the build, and a mutant has some
        CSharpParseOptions parse = arguments.ParseOptions.WithDocumentationMode(DocumentationMode.None);
        CSharpCompilationOptions options = arguments.CompilationOptions
            .WithGeneralDiagnosticOption(ReportDiagnostic.Default)
            .WithSpecificDiagnosticOptions(ImmutableDictionary<string, ReportDiagnostic>.Empty);
        Compilation compilation = CSharpCompilation.Create(
            arguments.CompilationName,
            arguments.SourceFiles.Select(file => CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(file.Path), Encoding.UTF8), parse, file.Path)),
            arguments.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(reference.Reference, reference.Properties)),
            options);
        GeneratorLoader loader = new();
        ISourceGenerator[] generators = [.. arguments.AnalyzerReferences
            .SelectMany(reference => new AnalyzerFileReference(Path.GetFullPath(reference.FilePath, projectFolder), loader).GetGenerators(LanguageNames.CSharp))];
        CSharpGeneratorDriver.Create(generators, parseOptions: parse).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _);
        MutantCompiler compiler = new(arguments, compilation);
        return compiler.TryEmit(compilation, Stream.Null) is { Success: false } failed
            ? throw new InvalidOperationException(string.Join('\n', failed.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)))
            : compiler;
    }

    /// <summary>What may be changed in the files of a folder.</summary>
    public IReadOnlyList<Mutant> Find(string folder) =>
    [
        .. _compilation.SyntaxTrees.Where(tree => Path.GetDirectoryName(tree.FilePath) == folder)
            .OrderBy(tree => tree.FilePath, StringComparer.Ordinal)
            .SelectMany(MutantFinder.Find),
    ];

    /// <summary>Compiles the project without a change, or with one; false when that does not compile.</summary>
    public bool TryCompile(Mutant? mutant, string path)
    {
        Compilation compilation = _compilation;
        if (mutant is not null)
        {
            SyntaxTree tree = _compilation.SyntaxTrees.Single(candidate => candidate.FilePath == mutant.File);
            compilation = _compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(tree.GetText().Replace(mutant.Span, mutant.Replacement)));
        }

        using MemoryStream image = new();
        if (!TryEmit(compilation, image).Success)
        {
            return false;
        }

        File.WriteAllBytes(path, image.ToArray());
        return true;
    }

    private EmitResult TryEmit(Compilation compilation, Stream image) =>
        compilation.Emit(image, manifestResources: _arguments.ManifestResources, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));

    private sealed class GeneratorLoader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
