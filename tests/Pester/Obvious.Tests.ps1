# The obvious argument does the obvious thing, or a warning or an error names the parameter that does.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
    $node = Start-BitswapNode
    $big = Join-Path $folder 'big.iso'
    [IO.File]::WriteAllBytes($big, [byte[]]::new(3MB))
    $null = New-Item -ItemType Directory -Path "$folder/site"
    Set-Content -LiteralPath "$folder/site/a.txt" -Value 'a'
    Push-Location -LiteralPath $folder
}
AfterAll {
    Pop-Location
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A text that names a file' {
    It 'is told of by <Name>, once' -ForEach @(
        @{ Name = 'Get-BitswapCid'; Text = './big.iso' }
        @{ Name = 'Get-BitswapCid'; Text = 'big.iso' }
        @{ Name = 'Get-BitswapCid'; Text = './site' }
        @{ Name = 'Add-BitswapBlock'; Text = './big.iso' }
        @{ Name = 'Add-BitswapBlock'; Text = 'site/a.txt' }
    ) {
        $made = $Text, $Text | & $Name -WarningVariable told -WarningAction SilentlyContinue
        $made[0].Size | Should -Be $Text.Length
        $told | Should -HaveCount 1
        "$told" | Should -BeLike "*'$Text' is the path of a file*$Name -Path*"
    }

    It 'is not told of where it names none: <_>' -ForEach 'nothing.iso', 'site', '', 'big.iso and more', "big.iso`n" {
        Get-BitswapCid $_ -WarningVariable told | Out-Null
        Add-BitswapBlock $_ -WarningVariable +told | Out-Null
        $told | Should -BeNullOrEmpty
    }
}

Describe 'Get-BitswapCid of a file' {
    It 'is what Add-BitswapFile gives, by <Name>' -ForEach @(
        @{ Name = '-Path'; Script = { Get-BitswapCid -Path ./big.iso } }
        @{ Name = '-LiteralPath'; Script = { Get-BitswapCid -LiteralPath ./big.iso } }
        @{ Name = 'the pipeline'; Script = { Get-Item ./big.iso | Get-BitswapCid } }
        @{ Name = 'its argument'; Script = { Get-BitswapCid (Get-Item ./big.iso) } }
    ) {
        $info = & $Script
        $info.Cid | Should -Be (Add-BitswapFile ./big.iso).Cid
        $info.Size | Should -Be 3MB
        $info.Path | Should -Be $big
    }

    It 'takes folders, too' {
        (Get-Item ./site | Get-BitswapCid).Cid | Should -Be (Add-BitswapFile ./site -Recurse).Cid
    }

    It 'is that of one block with -AsBlock, as Add-BitswapBlock gives it' {
        $block = Add-BitswapBlock -Path ./big.iso -AllowBigBlock
        foreach ($script in { Get-BitswapCid -Path ./big.iso -AsBlock }, { Get-Item ./big.iso | Get-BitswapCid -AsBlock }) {
            (& $script).Cid | Should -Be $block.Cid
        }

        (Get-BitswapCid -Path ./site/a.txt -AsBlock -Codec dag-pb -WarningAction SilentlyContinue).Codec | Should -Be 'dag-pb'
        (Get-Failure { Get-BitswapCid -Path ./site/a.txt -Codec dag-pb }).FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        (Get-Failure { Get-BitswapCid -Path ./site/a.txt -AsBlock -Profile unixfs-v0-2015 }).FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
    }

    It 'takes data as the content of a file with -Profile' {
        $file = New-Item -Path "$folder/greeting" -Value 'hello'
        ('hello' | Get-BitswapCid -Profile unixfs-v0-2015).Cid | Should -Be (Add-BitswapFile $file -Profile unixfs-v0-2015).Cid
    }
}

Describe 'The first argument of Start-BitswapNode' {
    It 'is the name of the node, as everywhere' {
        $office = Start-BitswapNode office
        $office.Name, $office.Path | Should -Be 'office', $null
        (Get-BitswapNode office).PeerId | Should -Be $office.PeerId
        Join-Path $folder 'office' | Should -Not -Exist
    }

    It 'is no path: <_>' -ForEach './repository', '/srv/repository', 'C:\repository' {
        $failure = Get-Failure { Start-BitswapNode $_ }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-Path*'
    }

    It 'may be the name of a folder, and then a warning names -Path' {
        $null = Start-BitswapNode site -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -BeLike '*Start-BitswapNode -Path site*'
        $null = Start-BitswapNode other -WarningVariable told
        $told | Should -BeNullOrEmpty
    }
}

Describe 'A folder of -BlockStore that is not there' {
    It 'is an error, and made when that is asked for' {
        (Get-Failure { Start-BitswapNode -BlockStore ./blocks }).ErrorDetails.RecommendedAction | Should -BeLike '*-CreateStore*'
        Join-Path $folder 'blocks' | Should -Not -Exist
        Start-BitswapNode -BlockStore ./blocks -CreateStore | Stop-BitswapNode
        Join-Path $folder 'blocks' | Should -Exist
        Start-BitswapNode -BlockStore ./blocks | Stop-BitswapNode
    }
}

Describe 'Save-BitswapFile' {
    It 'names a file alike, by the pipeline and as an argument' {
        $added = Add-BitswapFile ./site/a.txt -Node $node
        $added | Save-BitswapFile -Destination ./piped -Node $node
        Save-BitswapFile $added ./given -Node $node
        Save-BitswapFile $added ./named -Name b.txt -Node $node
        Save-BitswapFile $added.Cid ./bare -Node $node
        'piped/a.txt', 'given/a.txt', 'named/b.txt', "bare/$($added.Cid)" | ForEach-Object { Join-Path $folder $_ | Should -Exist }
    }
}

Describe 'Importing the module again' {
    It 'tells which nodes it stops' {
        $shell = New-ModuleRunspace
        try {
            $shell.AddScript("`$null = 'one', 'two' | ForEach-Object { Start-BitswapNode `"again-`$_`" }; Import-Module '$($ManifestPath.Replace("'", "''"))' -Force").Invoke()
            "$($shell.Streams.Warning)" | Should -BeLike '*again-one, again-two*'
            $shell.Streams.ClearStreams()
            $shell.Commands.Clear()
            $shell.AddScript("Import-Module '$($ManifestPath.Replace("'", "''"))' -Force").Invoke()
            $shell.Streams.Warning | Should -BeNullOrEmpty
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}
