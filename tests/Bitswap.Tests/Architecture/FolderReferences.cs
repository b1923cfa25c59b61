using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Bitswap.Tests.Architecture;

/// <summary>
/// Represents which folders of a room refer to which, as its assembly tells. The folder of a type is that of its source file, which the debug information names: types that
/// a person spells at a prompt share one namespace, whichever folder they are in.
/// </summary>
internal sealed class FolderReferences
{
    // "type definition documents" of the portable PDB format: the files of a type without code
    private static readonly Guid _typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static readonly Dictionary<int, OperandType> _operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value, code => code.OperandType);

    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly TypesOf _types = new();

    // From a folder to another, and a type of each that shows it.
    private readonly SortedDictionary<(string From, string To), string> _references = [];

    // Outermost types alone; what the compiler makes for itself has no folder.
    private readonly Dictionary<TypeDefinitionHandle, string> _folders = [];
    private readonly MetadataReader _symbols;
    private readonly string _room;

    private FolderReferences(PEReader file, MetadataReader symbols)
    {
        _file = file;
        _symbols = symbols;
        _metadata = file.GetMetadataReader();
        _room = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            if (_metadata.GetTypeDefinition(handle).GetDeclaringType().IsNil && FindFolder(handle) is { } folder)
            {
                _folders.Add(handle, folder);
                AddIfStray(_metadata.GetTypeDefinition(handle), folder);
            }
        }

        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            AddType(handle);
        }
    }

    /// <summary>Gets the folders of the room.</summary>
    public SortedSet<string> Folders { get; } = [];

    /// <summary>Gets the types whose namespace is neither that of their folder, or of one that it is in, nor the one of what a person spells.</summary>
    public List<string> Strays { get; } = [];

    /// <summary>Reads an assembly: base types, interfaces, fields, signatures, and what the bodies of methods use.</summary>
    public static FolderReferences Of(string path)
    {
        using PEReader file = new(File.OpenRead(path));
        Assert.True(file.TryOpenAssociatedPortablePdb(path, File.OpenRead, out MetadataReaderProvider? symbols, out _), $"{path} has no debug information");
        using (symbols)
        {
            return new FolderReferences(file, symbols!.GetMetadataReader());
        }
    }

    /// <summary>Returns the references that lie on a circle, each as it can be found in the code.</summary>
    public IReadOnlyList<string> Circles() =>
        [.. _references.Where(reference => Reaches(reference.Key.To, reference.Key.From)).Select(reference => $"{reference.Key.From} -> {reference.Key.To}: {reference.Value}")];

    private bool Reaches(string from, string to)
    {
        HashSet<string> seen = [from];
        Queue<string> next = new(seen);
        while (next.TryDequeue(out string? folder))
        {
            if (folder == to)
            {
                return true;
            }

            foreach ((string _, string further) in _references.Keys.Where(reference => reference.From == folder))
            {
                if (seen.Add(further))
                {
                    next.Enqueue(further);
                }
            }
        }

        return false;
    }

    private void AddIfStray(TypeDefinition type, string folder)
    {
        string space = _metadata.GetString(type.Namespace);
        if (space != "Bitswap" && !$"{folder}.".StartsWith($"{space}.", StringComparison.Ordinal))
        {
            Strays.Add($"{space}.{_metadata.GetString(type.Name)} is in {folder}");
        }
    }

    private void AddType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        if (FolderOf(handle).Length == 0)
        {
            return;
        }

        Folders.Add(FolderOf(handle));
        AddEntity(handle, type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            AddEntity(handle, _metadata.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            Add(handle, _metadata.GetFieldDefinition(field).DecodeSignature(_types, null));
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            AddMethod(handle, _metadata.GetMethodDefinition(method));
        }
    }

    private void AddMethod(TypeDefinitionHandle from, MethodDefinition method)
    {
        Add(from, method.DecodeSignature(_types, null));
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        MethodBodyBlock body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            Add(from, [.. _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_types, null).SelectMany(types => types)]);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            AddEntity(from, region.CatchType);
        }

        BlobReader code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            OperandType operand = _operands[value == 0xFE ? 0xFE00 | code.ReadByte() : value];
            switch (operand)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    AddEntity(from, MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                default:
                    code.Offset += SizeOf(operand);
                    break;
            }
        }
    }

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private void AddEntity(TypeDefinitionHandle from, EntityHandle used)
    {
        if (used.IsNil)
        {
            return;
        }

        switch (used.Kind)
        {
            case HandleKind.TypeDefinition:
                Add(from, [(TypeDefinitionHandle)used]);
                break;
            case HandleKind.TypeSpecification:
                Add(from, _metadata.GetTypeSpecification((TypeSpecificationHandle)used).DecodeSignature(_types, null));
                break;
            case HandleKind.MethodDefinition:
                Add(from, [_metadata.GetMethodDefinition((MethodDefinitionHandle)used).GetDeclaringType()]);
                break;
            case HandleKind.FieldDefinition:
                Add(from, [_metadata.GetFieldDefinition((FieldDefinitionHandle)used).GetDeclaringType()]);
                break;
            case HandleKind.MemberReference:
                AddEntity(from, _metadata.GetMemberReference((MemberReferenceHandle)used).Parent);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification method = _metadata.GetMethodSpecification((MethodSpecificationHandle)used);
                AddEntity(from, method.Method);
                Add(from, [.. method.DecodeSignature(_types, null).SelectMany(types => types)]);
                break;
        }
    }

    private void Add(TypeDefinitionHandle from, MethodSignature<ImmutableArray<TypeDefinitionHandle>> signature) =>
        Add(from, [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(types => types)]);

    private void Add(TypeDefinitionHandle from, ImmutableArray<TypeDefinitionHandle> used)
    {
        foreach (TypeDefinitionHandle type in used)
        {
            string to = FolderOf(type);
            if (to.Length > 0 && to != FolderOf(from))
            {
                _references.TryAdd((FolderOf(from), to), $"{NameOf(from)} uses {NameOf(type)}");
            }
        }
    }

    private string NameOf(TypeDefinitionHandle handle) => _metadata.GetString(_metadata.GetTypeDefinition(Outermost(handle)).Name);

    private string FolderOf(TypeDefinitionHandle handle) => _folders.GetValueOrDefault(Outermost(handle), string.Empty);

    // Generated code lies outside the folders, and its namespace says where it belongs.
    private string? FindFolder(TypeDefinitionHandle handle)
    {
        string marker = $"/{_room}/";
        foreach (DocumentHandle document in DocumentsOf(handle))
        {
            string path = _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');
            int start = path.LastIndexOf(marker, StringComparison.Ordinal);
            if (start >= 0 && !path.AsSpan(start).StartsWith($"{marker}obj/", StringComparison.Ordinal))
            {
                return path[(start + 1)..path.LastIndexOf('/')].Replace('/', '.');
            }
        }

        string space = _metadata.GetString(_metadata.GetTypeDefinition(handle).Namespace);
        return space.StartsWith("Bitswap", StringComparison.Ordinal) ? space : null;
    }

    private IEnumerable<DocumentHandle> DocumentsOf(TypeDefinitionHandle handle)
    {
        foreach (CustomDebugInformationHandle information in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation documents = _symbols.GetCustomDebugInformation(information);
            if (_symbols.GetGuid(documents.Kind) == _typeDocuments)
            {
                yield return MetadataTokens.DocumentHandle(_symbols.GetBlobReader(documents.Value).ReadCompressedInteger());
            }
        }

        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            DocumentHandle document = _symbols.GetMethodDebugInformation(method).Document;
            if (!document.IsNil)
            {
                yield return document;
            }
        }

        foreach (DocumentHandle document in type.GetNestedTypes().SelectMany(DocumentsOf))
        {
            yield return document;
        }
    }

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        while (_metadata.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } declaring)
        {
            handle = declaring;
        }

        return handle;
    }

    /// <summary>Decodes a signature into the room's own types that it names.</summary>
    private sealed class TypesOf : ISignatureTypeProvider<ImmutableArray<TypeDefinitionHandle>, object?>
    {
        public ImmutableArray<TypeDefinitionHandle> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [handle];

        public ImmutableArray<TypeDefinitionHandle> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [];

        public ImmutableArray<TypeDefinitionHandle> GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public ImmutableArray<TypeDefinitionHandle> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

        public ImmutableArray<TypeDefinitionHandle> GetGenericMethodParameter(object? genericContext, int index) => [];

        public ImmutableArray<TypeDefinitionHandle> GetGenericTypeParameter(object? genericContext, int index) => [];

        public ImmutableArray<TypeDefinitionHandle> GetGenericInstantiation(
            ImmutableArray<TypeDefinitionHandle> genericType, ImmutableArray<ImmutableArray<TypeDefinitionHandle>> typeArguments) => [.. genericType, .. typeArguments.SelectMany(types => types)];

        public ImmutableArray<TypeDefinitionHandle> GetArrayType(ImmutableArray<TypeDefinitionHandle> elementType, ArrayShape shape) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetSZArrayType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetByReferenceType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetPointerType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetPinnedType(ImmutableArray<TypeDefinitionHandle> elementType) => elementType;

        public ImmutableArray<TypeDefinitionHandle> GetModifiedType(
            ImmutableArray<TypeDefinitionHandle> modifier, ImmutableArray<TypeDefinitionHandle> unmodifiedType, bool isRequired) => unmodifiedType;

        public ImmutableArray<TypeDefinitionHandle> GetFunctionPointerType(MethodSignature<ImmutableArray<TypeDefinitionHandle>> signature) =>
            [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(types => types)];
    }
}
