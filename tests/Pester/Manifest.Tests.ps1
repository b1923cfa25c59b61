BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $manifest = Import-PowerShellDataFile -LiteralPath $ManifestPath
    $bin = Join-Path $ModuleRoot 'bin/Bitswap'
}

Describe 'The manifest' {
    It 'is valid' {
        $warnings = @()
        Test-ModuleManifest -Path $ManifestPath -WarningVariable warnings -ErrorAction Stop | Should -Not -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
    }

    It 'lists what the module exports' {
        $exported = (Get-Module Bitswap).ExportedCmdlets.Keys | Sort-Object
        $exported | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'lists what the assembly holds' {
        $held = [Bitswap.BitswapNode].Assembly.GetExportedTypes() | ForEach-Object {
            $attribute = $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false) | Select-Object -First 1
            if ($attribute) { "$($attribute.VerbName)-$($attribute.NounName)" }
        } | Sort-Object
        $held | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'exports no <_>' -ForEach 'Functions', 'Variables', 'Aliases' {
        $manifest["${_}ToExport"].Count | Should -Be 0
        (Get-Module Bitswap)."Exported$_".Count | Should -Be 0
    }

    It 'names files that are there' {
        foreach ($file in @($manifest.RootModule) + $manifest.FormatsToProcess) {
            Join-Path $ModuleRoot $file | Should -Exist
        }
    }

    It 'uses approved verbs and singular nouns' {
        $verbs = (Get-Verb).Verb
        foreach ($name in $manifest.CmdletsToExport) {
            $verb, $noun = $name -split '-'
            $verbs | Should -Contain $verb
            $noun | Should -Match '^Bitswap\w+[^s]$'
        }
    }
}

Describe 'What a build lays out' {
    It 'has no System.Management.Automation.dll' {
        Get-ChildItem -LiteralPath $bin -Recurse -Filter 'System.Management.Automation*' | Should -BeNullOrEmpty
    }

    It 'has Bitswap.dll beside the module and everything else in deps' {
        (Get-ChildItem -LiteralPath $bin -Filter *.dll).Name | Should -Be 'Bitswap.dll'
        $libraries = (Get-ChildItem -LiteralPath "$bin/deps" -Filter *.dll).Name | Where-Object { $_ -notlike 'Bitswap.*' }
        $libraries | Should -Be @(
            'Blake3.dll'
            'BouncyCastle.Cryptography.dll'
            'DnsClient.dll'
            'Google.Protobuf.dll'
            'Microsoft.Extensions.DependencyInjection.Abstractions.dll'
            'Microsoft.Extensions.Logging.Abstractions.dll'
            'QRCoder.dll'
            'Serilog.dll'
            'Serilog.Sinks.File.dll'
        )
        (Get-ChildItem -LiteralPath "$bin/deps" -Filter *.dll).Name | Should -Contain 'Bitswap.Node.dll'
        "$bin/deps/Bitswap.dll" | Should -Not -Exist
    }

    It 'has managed code only' {
        foreach ($file in Get-ChildItem -LiteralPath $bin -Recurse -File | Where-Object Extension -In '.dll', '.so', '.dylib') {
            { [Reflection.AssemblyName]::GetAssemblyName($file.FullName) } | Should -Not -Throw
        }
    }
}

Describe 'Every cmdlet' {
    It '<_> says what it gives, or gives nothing' -ForEach (Import-PowerShellDataFile "$PSScriptRoot/../../Bitswap.psd1").CmdletsToExport {
        $silent = 'Wait-BitswapNode'
        $outputs = @((Get-Command $_).OutputType)
        if ($_ -in $silent) { $outputs | Should -BeNullOrEmpty } else { $outputs | Should -Not -BeNullOrEmpty }
    }

    It '<_> takes -Node, or needs none' -ForEach (Import-PowerShellDataFile "$PSScriptRoot/../../Bitswap.psd1").CmdletsToExport {
        $without = 'Start-BitswapNode', 'Get-BitswapNode', 'Get-BitswapCid', 'New-BitswapTestNetwork', 'Wait-BitswapWant'
        (Get-Command $_).Parameters.ContainsKey('Node') | Should -Be ($_ -notin $without)
    }

    It 'has a table or list for each output' {
        $types = (Get-Module Bitswap).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ 'Bitswap' | Sort-Object -Unique FullName
        $types.Count | Should -BeGreaterThan 8
        foreach ($type in $types) {
            Get-FormatData -TypeName $type.FullName | Should -Not -BeNullOrEmpty -Because $type.FullName
        }
    }
}
